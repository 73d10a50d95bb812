/** What a report says of an open snapshot: everything that it shows, before anything is drawn. No clock, host or path is in it. */
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import type { ComparedSnapshots } from '../comparison/compare-snapshots.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { Manifest } from '../snapshot/manifest.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { readableIndex } from '../snapshot/readable-index.js';
import { hasVectors } from '../snapshot/scorer.js';
import { readStoredTable } from '../snapshot/users/stored-tables.js';
import { readArrowFile } from '../tables/arrow-reader.js';
import { countDistribution, type CountDistribution } from './count-distribution.js';
import { readMeasuredQuality, type MeasuredQuality } from './evaluation-figures.js';
import { indexCurve, type ProbedRecall } from './index-curve.js';
import { mapPoints, type MapPoints } from './map-points.js';
import { neighbourExamples, type NeighbourExample, type NeighbourExamples } from './neighbour-examples.js';
import { readTrainingCurve, type TrainingCurve } from './training-curve.js';
import type { report } from '../options/operations.js';
import type { Asked } from '../options/option.js';

export interface ReportData {
  readonly manifest: Manifest;
  /** null where nobody handed in what `train --json` printed. */
  readonly training: TrainingCurve | null;
  /** null where nobody handed in what `evaluate --json` printed. */
  readonly quality: MeasuredQuality | null;
  /** Events of items; null where none has any. */
  readonly popularity: CountDistribution | null;
  /** Events of users; null without users, and where none has any. */
  readonly activity: CountDistribution | null;
  /** Empty without an index that can be read. */
  readonly indexCurve: readonly ProbedRecall[];
  readonly examples: readonly NeighbourExample[];
  /** Why there are no examples; null where there are. */
  readonly withoutExamples: string | null;
  /** null where it is left out, and where there is none. */
  readonly map: MapPoints | null;
  readonly comparison: ComparedSnapshots | null;
}

export type GatherOptions = Asked<
  Pick<typeof report.options, 'item' | 'training' | 'evaluation' | 'map' | 'threads'>
>;

/**
 * Memory: the tables' counts, and the item vectors while neighbours are searched for and a map is made. AppErrors: those of the documents, of
 * items that are not there, 'damaged-snapshot' of files.
 */
export async function gatherReport(
  snapshot: OpenSnapshot,
  comparison: ComparedSnapshots | null,
  options: GatherOptions,
  context: TaskContext,
): Promise<ReportData> {
  const { manifest } = snapshot;
  const { training, evaluation } = options;
  const read = {
    training: training === undefined ? null : readTrainingCurve(training, snapshot),
    quality: evaluation === undefined ? null : readMeasuredQuality(evaluation, snapshot),
  };
  const step = (done: number): void =>
    context.onProgress({ kind: 'step', phase: 'reading counts', done, total: 2, unit: 'tables' });
  step(0);
  const ofItems = (await readArrowFile(snapshot.file(snapshotFile.itemTable))).counts('count');
  step(1);
  const ofUsers = snapshot.hasUsers() ? (await readStoredTable(snapshot)).counts : undefined;
  step(2);
  const near = await examplesOf(snapshot, ofItems, options, context);
  const index = readableIndex(manifest);
  const curve =
    index === null || near.sample.rows.length === 0
      ? []
      : await indexCurve(snapshot, index, near.sample, context);
  return {
    manifest,
    ...read,
    popularity: countDistribution(ofItems) ?? null,
    activity: (ofUsers && countDistribution(ofUsers)) ?? null,
    indexCurve: curve,
    examples: near.examples,
    withoutExamples: near.without,
    map: options.map ? await mapPoints(snapshot, options.threads, context) : null,
    comparison,
  };
}

interface Examples extends NeighbourExamples {
  readonly without: string | null;
}

async function examplesOf(
  snapshot: OpenSnapshot,
  events: Uint32Array,
  options: GatherOptions,
  context: TaskContext,
): Promise<Examples> {
  try {
    const near = await neighbourExamples(snapshot, events, options, context);
    if (near.examples.length > 0) return { ...near, without: null };
    const { name } = snapshot.manifest.model;
    return { ...near, without: `${name} scores every item by itself: no item is near to another` };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'too-large' || !hasVectors(snapshot)) throw error;
    const sample = { rows: new Uint32Array(), truth: [] };
    return { examples: [], sample, without: error.message };
  }
}
