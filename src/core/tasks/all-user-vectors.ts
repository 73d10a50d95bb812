/** `segue user-vector --all`: everyone's vector anew, in a snapshot that shares the model with its parent. */
import type { Count, Pairs, SnapshotId, StringColumn, TaskContext } from '../contracts.js';
import { foldInEveryone } from '../models/folding/fold-in-everyone.js';
import { AppError } from '../errors.js';
import { sha256Hex } from '../files/sha256.js';
import { tellWhatStays } from '../snapshot/derived-snapshots.js';
import { contentOf, idWithParts, partsOf } from '../snapshot/writing/derive.js';
import { requireTag } from '../snapshot/layout.js';
import type { ManifestOptions } from '../snapshot/manifest.js';
import { openModel, type OpenModel } from '../query/open-model.js';
import { openForMaking, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { hasVectors, requireVectors } from '../snapshot/scorer.js';
import { readStoredHistories } from '../snapshot/users/stored-histories.js';
import { readStoredTable } from '../snapshot/users/stored-tables.js';
import { shardsOf } from '../snapshot/users/user-parts.js';
import { makeSnapshot, type MadeSnapshot } from '../snapshot/writing/make-snapshot.js';
import type { SnapshotDraft } from '../snapshot/writing/write-snapshot.js';
import { writeUsers } from '../snapshot/writing/write-users.js';
import type { UserVectors } from '../models/model.js';
import type { Decay } from '../models/folding/decay.js';
import { replaceHistories } from '../histories/replace-histories.js';
import { decayOf } from './aging.js';
import { withFeedbackOfEveryone } from './feedback-of-everyone.js';
import type { SparkOnDemand } from '../spark/on-demand.js';
import { keptImports, type KeptImports } from './kept-imports.js';
import { readModelEvents } from './model-events.js';
import { secondsSince } from './seconds.js';
import type { userVector } from '../options/operations.js';
import type { Asked } from '../options/option.js';

export type UserVectorsOptions = Omit<Asked<typeof userVector.options>, 'all'>;

/** What --all made. */
export interface UserVectorsResult extends MadeSnapshot {
  readonly parent: SnapshotId;
  readonly users: Count;
  /** Users whose solution was not reached to its tolerance. */
  readonly unconverged: Count;
}

export async function allUserVectors(
  options: UserVectorsOptions,
  context: TaskContext,
): Promise<UserVectorsResult> {
  const started = performance.now();
  if (options.tag !== undefined) requireTag(options.tag);
  const parent = await openForMaking(options.root, options.snapshot, context, options.as);
  let model: OpenModel | undefined;
  let spark: SparkOnDemand | undefined;
  try {
    spark = await sparkFor(parent, options, context);
    const numItems = parent.manifest.inputs.interactions.items;
    const files = options.events === undefined ? [] : [options.events];
    const hasEvents = files.length + (options.table?.length ?? 0) > 0;
    const events = hasEvents
      ? await readModelEvents({ ...options, files }, parent, numItems, context, spark)
      : undefined;
    const stored = await storedHistories(parent);
    const listened =
      events === undefined ? stored : replaceHistories(stored.ids, stored.pairs, events.ids, events.pairs);
    const obeying = await withFeedbackOfEveryone(parent, listened, events?.ids, options);
    const { isChanged, option, replaced } = obeying;
    const everyone = { ids: obeying.ids, pairs: obeying.pairs };
    model = openVectors(parent, options, hasEvents || isChanged);
    const decay = decayOf(options, parent, events, model?.decay, context);
    const kept = keptImports(parent, stored.ids, everyone.ids, replaced);
    const partOptions: ManifestOptions = {
      ...historiesOption(parent, everyone, events !== undefined || isChanged),
      ...importedOption(parent, kept, events !== undefined || isChanged),
      ...option,
      ...(options.halfLife === undefined ? {} : { 'half-life': options.halfLife }),
      ...(decay === undefined || decay === model?.decay
        ? {}
        : { 'as-of': new Date(decay.asOfMs).toISOString() }),
    };
    const all = { ...everyone, kept };
    const made = await make(options, parent, model, spark, all, decay, partOptions, context);
    tellWhatStays(options.root, parent, made.snapshot, context);
    const seconds = secondsSince(started);
    return { ...made, parent: parent.id, basis: parent.basis, seconds, tag: options.tag ?? null };
  } finally {
    await spark?.close();
    model?.close();
    parent.close();
  }
}

/** What reads and folds in for `engine` spark. */
async function sparkFor(
  parent: OpenSnapshot,
  options: UserVectorsOptions,
  context: TaskContext,
): Promise<SparkOnDemand | undefined> {
  if (options.engine !== 'spark') return undefined;
  const { sparkForFolding } = await import('../spark/fold-by-spark.js');
  return sparkForFolding(parent, options, context);
}

/**
 * What gives users their vectors. undefined for a model that needs none: there `--events`, or a ledger, gives newer
 * histories to recommend from. AppError 'missing-part' where nothing is left to do.
 */
function openVectors(
  parent: OpenSnapshot,
  { halfLife, asOf }: UserVectorsOptions,
  hasNewHistories: boolean,
): OpenModel | undefined {
  if (hasVectors(parent)) return openModel(parent);
  if (halfLife !== undefined || asOf !== undefined)
    requireVectors(parent, 'there is nothing for `halfLife` to age');
  if (!hasNewHistories)
    requireVectors(parent, 'there is nothing to compute; `events` FILE gives it newer histories');
  return undefined;
}

interface Everyone {
  readonly ids: StringColumn;
  readonly pairs: Pairs;
  /** Users whose vectors were imported, and stay. */
  readonly kept?: KeptImports | undefined;
  /** As `UsersPart` has it. */
  readonly leastShards?: number | undefined;
}

async function storedHistories(parent: OpenSnapshot): Promise<Everyone> {
  const { users } = parent.manifest;
  if (users === null) {
    throw new AppError(
      'missing-part',
      `snapshot ${parent.id} was made without users: there are no histories`,
      {
        suggestions: ['train again without `withoutUsers`'],
      },
    );
  }
  const { ids } = await readStoredTable(parent);
  return { ids, pairs: readStoredHistories(parent) };
}

/** Histories are part of what a snapshot is made from, once they are no longer those of the training. */
function historiesOption(
  { manifest }: OpenSnapshot,
  { ids, pairs }: Everyone,
  changed: boolean,
): ManifestOptions {
  if (!changed) {
    const before = manifest.users?.options['histories'];
    return before === undefined ? {} : { histories: before };
  }
  const arrays = [
    ids.offsets,
    pairs.indptr,
    pairs.item,
    pairs.weight,
    pairs.count,
    pairs.lastAt,
    pairs.flags,
  ];
  return { histories: sha256Hex(ids.bytes, ...arrays) };
}

/** Who keeps an imported vector belongs to it too, once that is no longer everybody whose was imported. */
function importedOption(
  { manifest }: OpenSnapshot,
  kept: KeptImports | undefined,
  changed: boolean,
): ManifestOptions {
  const before = manifest.users?.options['imported'];
  if (!changed || kept === undefined) return before === undefined ? {} : { imported: before };
  return { imported: sha256Hex(kept.flags) };
}

async function make(
  options: UserVectorsOptions,
  parent: OpenSnapshot,
  model: OpenModel | undefined,
  spark: SparkOnDemand | undefined,
  { ids, pairs, kept }: Everyone,
  decay: Decay | undefined,
  partOptions: ManifestOptions,
  context: TaskContext,
): Promise<Pick<UserVectorsResult, 'snapshot' | 'users' | 'unconverged' | 'existed' | 'path'>> {
  const { manifest } = parent;
  const { root, tag } = options;
  const id = idWithParts(parent.basis, { ...partsOf(manifest), users: { options: partOptions } });
  const dim = model?.itemVectors.dim ?? 0;
  const estimatedBytes =
    (4 * dim + 100) * ids.length + 25 * pairs.item.length + 3 * ids.bytes.length + 65_536;
  const made = await makeSnapshot(
    { root, id, tag, estimatedBytes },
    async (draft) => {
      draft.inherit(parent, ['model', 'index']);
      const vectors = await foldEveryone(options, parent, model, spark, pairs, decay, context);
      let unconverged: number;
      try {
        const everyone = { ids, pairs, kept, leastShards: shardsOf(manifest)?.length };
        unconverged = await writeEveryone(draft, vectors, dim, everyone);
      } finally {
        // Their memory is out of reach afterwards.
        await vectors?.close?.();
      }
      const imported = kept === undefined ? {} : { imported: kept.count };
      const users = { rows: ids.length, unconverged, ...imported, options: partOptions };
      return { ...contentOf(manifest), id, parent: parent.id, users };
    },
    context,
  );
  const { rows = 0, unconverged = 0 } = made.manifest.users ?? {};
  return { snapshot: id, users: rows, unconverged, existed: made.existed, path: made.path };
}

/** Everyone's vectors by whatever runs the task; undefined for a model that needs none. */
async function foldEveryone(
  { threads }: UserVectorsOptions,
  parent: OpenSnapshot,
  model: OpenModel | undefined,
  spark: SparkOnDemand | undefined,
  pairs: Pairs,
  decay: Decay | undefined,
  context: TaskContext,
): Promise<(UserVectors & { close?(): Promise<void> }) | undefined> {
  if (model === undefined) return undefined;
  if (spark === undefined)
    return foldInEveryone(model.fold(decay), model.itemVectors, pairs, threads, context);
  const { foldBySpark } = await import('../spark/fold-by-spark.js');
  return foldBySpark(spark, parent, pairs, decay, context);
}

/** Users, their histories and vectors into the draft, and how many did not converge. */
async function writeEveryone(
  draft: SnapshotDraft,
  vectors: UserVectors | undefined,
  dim: number,
  { ids, pairs, kept, leastShards }: Everyone,
): Promise<number> {
  const imported = kept?.flags;
  const batches = vectors && (kept?.among(vectors.batches, dim) ?? vectors.batches);
  await writeUsers(draft, { vectors: batches, dim, ids, histories: pairs, imported, leastShards });
  return vectors?.unconverged() ?? 0;
}
