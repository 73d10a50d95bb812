/** Users' vectors, apart from training: each a function of the model and a history. */
import type { Count, SnapshotId, Some } from '../contracts.js';
import { decayFrom, parseAsOf, type Decay } from '../models/folding/decay.js';
import type { aging } from '../options/operation-parts.js';
import type { Asked } from '../options/option.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { Listener } from './find-listeners.js';
import { openModel } from './open-model.js';

/** Whether older listening counts less. */
export type AgingOptions = Asked<typeof aging>;

export interface UserVectorResult {
  readonly snapshot: SnapshotId;
  /** The training whose items it can be compared with. */
  readonly basis: SnapshotId;
  /** null for a new user. */
  readonly user: string | null;
  readonly dim: Count;
  /** Events that the vector was made from. */
  readonly events: Count;
  readonly vector: Some<number>;
  /** Whether the solution was reached to its tolerance. */
  readonly converged: boolean;
}

/** What gives users their vectors, open for any number of them. */
export interface OpenUserVectors {
  readonly numItems: number;
  /** Whether older listening counted less in training. */
  readonly decay: Decay | undefined;
  /** In the order of the listeners. @param decay as in training where it is undefined */
  of(listeners: readonly Listener[], decay: Decay | undefined): UserVectorResult[];
  close(): void;
}

/** AppErrors as `openModel`. Close it before the snapshot. */
export function openUserVectors(snapshot: OpenSnapshot): OpenUserVectors {
  const model = openModel(snapshot);
  const { itemVectors } = model;
  const { dim, numRows: numItems } = itemVectors;
  const { id, basis } = snapshot;
  const defaultFold = model.fold();
  return {
    numItems,
    decay: model.decay,
    of(listeners, decay) {
      const fold = decay === undefined || decay === model.decay ? defaultFold : model.fold(decay);
      return listeners.map(({ user, history }) => {
        const { vector, converged } = fold.one(history, itemVectors);
        const events = history.count.reduce((total, n) => total + n, 0);
        return { snapshot: id, basis, user, dim, events, vector: [...vector], converged };
      });
    },
    close: () => model.close(),
  };
}

/**
 * As it is asked for, else as in training (`ofModel`). Ages count back from `asOf`, else from the latest event there is, or
 * that was trained on where the half-life is the training's.
 * @param eventsEndMs when the latest event was that the query brings along
 */
export function askedDecay(
  { halfLife, asOf }: AgingOptions,
  { manifest }: Pick<OpenSnapshot, 'manifest'>,
  eventsEndMs: number | undefined,
  ofModel: Decay | undefined,
): Decay | undefined {
  if (halfLife === undefined && ofModel !== undefined)
    return asOf === undefined ? ofModel : { halfLifeMs: ofModel.halfLifeMs, asOfMs: parseAsOf(asOf) };
  const { lastAt } = manifest.inputs.interactions;
  const ends = [
    ...(lastAt === null ? [] : [Date.parse(lastAt)]),
    ...(eventsEndMs === undefined ? [] : [eventsEndMs]),
  ];
  return decayFrom(halfLife, asOf, ends.length === 0 ? undefined : Math.max(...ends));
}
