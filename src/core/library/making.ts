/** The library's functions that make snapshots: training, importing, measuring, indexing. */
import type { Given } from '../options/option.js';
import type * as importing from '../tasks/import.js';
import type * as training from '../tasks/train.js';
import { libraryFunction, type EitherResult } from './library-function.js';
import * as operations from '../options/operations.js';

/** Files of events are named, where only tables are read as none. */
export type TrainOptions = Given<typeof operations.train.options> & { readonly events: readonly string[] };

/**
 * Learns embeddings from listening events, into a new snapshot; with `dryRun` it says what would be read and made.
 *
 * ```ts
 * import { train } from '@segue-music/segue';
 *
 * const trained = await train({
 *   events: ['examples/classic-rock/plays.csv.gz'],
 *   items: 'examples/classic-rock/items.csv',
 *   modelOptions: { factors: 32 },
 * });
 * console.log(trained.snapshot, trained.users, trained.items);
 * ```
 */
export const train = libraryFunction(
  operations.train,
  async () => (await import('../tasks/train.js')).train,
) as EitherResult<TrainOptions, 'dryRun', training.TrainResult, training.TrainPlan>;

export type ImportVectorsOptions = Given<typeof operations.importVectors.options>;

/**
 * Makes a snapshot of vectors that were trained elsewhere; with `dryRun` it says what would be made.
 *
 * ```ts
 * import { importVectors } from '@segue-music/segue';
 *
 * const imported = await importVectors({ vectors: 'items.arrow', tag: 'again' });
 * console.log(imported.snapshot);
 * ```
 */
export const importVectors = libraryFunction(
  operations.importVectors,
  async () => (await import('../tasks/import.js')).importVectors,
) as EitherResult<ImportVectorsOptions, 'dryRun', importing.ImportVectorsResult, importing.ImportPlan>;

export type EvaluateOptions = Given<typeof operations.evaluate.options>;

/**
 * Measures how well models, or snapshots that stand, find held-out items.
 *
 * ```ts
 * import { evaluate } from '@segue-music/segue';
 *
 * const { results } = await evaluate({
 *   events: ['examples/classic-rock/plays.csv.gz'],
 *   models: [{ label: 'small', name: 'als', options: { factors: 8, epochs: 3 } }],
 *   at: [10],
 *   bootstrap: 0,
 * });
 * console.log(results.map(({ model, metrics }) => `${model} ${metrics['ndcg@10']}`));
 * ```
 */
export const evaluate = libraryFunction(
  operations.evaluate,
  async () => (await import('../tasks/evaluate.js')).evaluate,
);

export type TuneOptions = Given<typeof operations.tune.options>;

/**
 * Searches for the options with which a model finds most held-out items.
 *
 * ```ts
 * import { tune } from '@segue-music/segue';
 *
 * const { best } = await tune({
 *   events: ['examples/classic-rock/plays.csv.gz'],
 *   model: 'popularity',
 *   space: ['confidence=log,binary'],
 *   trials: 2,
 * });
 * console.log(best.options);
 * ```
 */
export const tune = libraryFunction(operations.tune, async () => (await import('../tasks/tune.js')).tune);

export type AddItemsOptions = Given<typeof operations.addItems.options>;

/**
 * Adds items that came after a training to its snapshot, with vectors made from their columns, in a new snapshot.
 *
 * ```ts
 * import { addItems } from '@segue-music/segue';
 *
 * const { added, unknown } = await addItems({ items: 'new-releases.csv' });
 * console.log(added, unknown);
 * ```
 */
export const addItems = libraryFunction(
  operations.addItems,
  async () => (await import('../tasks/items/add.js')).addItems,
);

export type BuildIndexOptions = Given<typeof operations.buildIndex.options>;

/**
 * Indexes the item vectors of a snapshot for fast neighbours, into a new snapshot.
 *
 * ```ts
 * import { buildIndex } from '@segue-music/segue';
 *
 * const indexed = await buildIndex();
 * console.log(indexed.snapshot);
 * ```
 */
export const buildIndex = libraryFunction(
  operations.buildIndex,
  async () => (await import('../tasks/build-index.js')).buildIndex,
);
