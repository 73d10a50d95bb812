import type { onSpark } from '../options/operation-parts.js';
import type { Asked } from '../options/option.js';

/** How Spark is found and what it is given, as tasks take it. */
export type SparkOptions = Asked<typeof onSpark>;
