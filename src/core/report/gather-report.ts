/** What a report says of an open snapshot: everything that it shows, before anything is drawn. No clock, host or path is in it. */
import { AppError } from '../errors.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { TaskContext } from '../contracts.js';
import type { ComparedSnapshots } from '../comparison/compare-snapshots.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { Manifest } from '../snapshot/manifest.js';
import { readableIndex } from '../snapshot/readable-index.js';
import { hasVectors } from '../snapshot/scorer.js';
import { readStoredTable } from '../snapshot/users/stored-tables.js';
import { readArrowFile } from '../tables/arrow-reader.js';
import type { report } from '../options/operations.js';
import type { Asked } from '../options/option.js';
import { listAt, notIt, numberAt, numbersOf, objectAt, readDocument, textAt } from './json-document.js';
import { countDistribution, type CountDistribution } from './count-distribution.js';
import { readMeasuredQuality, type MeasuredQuality } from './evaluation-figures.js';
import { indexCurve, type ProbedRecall } from './index-curve.js';
import { mapPoints, type MapPoints } from './map-points.js';
import { neighbourExamples, type NeighbourExample, type NeighbourExamples } from './neighbour-examples.js';

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

/** The epochs of a training, which a snapshot does not keep: from what `train --json` printed. */
interface TrainingEpoch {
  readonly epoch: number;
  readonly loss: number;
  /** What was measured after it, where training was to stop by it. */
  readonly metrics: ReadonlyMap<string, number>;
}

interface TrainingCurve {
  /** Empty where the training was found complete. */
  readonly epochs: readonly TrainingEpoch[];
  /** The epoch whose model this is; null where it is not said. */
  readonly keptEpoch: number | null;
  readonly stoppedBy: string | null;
}

const command = 'segue train --json';

/** AppErrors: 'bad-input-file', and 'bad-usage' for a training that this snapshot is not of. */
function readTrainingCurve(path: string, snapshot: OpenSnapshot): TrainingCurve {
  const document = readDocument(path, command);
  const basis = textAt(document, 'basis');
  if (basis === null || !Array.isArray(document['epochs']))
    throw notIt(path, command, 'it has no basis and epochs');
  if (basis !== snapshot.basis) {
    throw new AppError(
      'bad-usage',
      `${path} is of the training ${basis}, and ${snapshot.id} is of the training ${snapshot.basis}`,
      { suggestions: [`segue report ${basis}`], details: { file: path, basis } },
    );
  }
  return {
    epochs: listAt(document, 'epochs').flatMap((each) => {
      const [epoch, loss] = [numberAt(each, 'epoch'), numberAt(each, 'loss')];
      if (epoch === null || loss === null) return [];
      return [{ epoch, loss, metrics: numbersOf(objectAt(each, 'metrics')) }];
    }),
    keptEpoch: numberAt(document, 'keptEpoch'),
    stoppedBy: textAt(document, 'stoppedBy'),
  };
}
