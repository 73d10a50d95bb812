/**
 * Collecting: snapshots that nothing keeps are moved to the trash under the locks, and only then, with publishers free
 * again, is the trash emptied and the rest of the root tidied. Whatever cuts it short, the next one goes on from there.
 */
import { accessSync, constants } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { releasing } from '../closers.js';
import type { Count, TaskContext } from '../contracts.js';
import { abortError, isDenied } from '../errors.js';
import { removeAbandonedCheckpoints, type AbandonedCheckpoints } from './abandoned-checkpoints.js';
import { bytesFreedBy, diskUseOf, distinctBytes, sumBytes } from '../snapshot/disk-use.js';
import type { DiskUse, FoundFile } from '../snapshot/disk-use.js';
import { cleanDrafts, type Leftovers } from '../snapshot/writing/draft-lock.js';
import { readChanges } from '../publishing/history-changes.js';
import { judgeSnapshots, lastCurrentTimes } from './keep-rules.js';
import type { Judged, KeepReason, KeepRules } from './keep-rules.js';
import { rootPath } from '../snapshot/layout.js';
import { isLeased } from '../snapshot/lease.js';
import { readProtections } from './protections.js';
import { requireRoot } from './root-directories.js';
import { lockOrBusy } from '../snapshot/writing/root-lock.js';
import { surveySnapshots, type Foreign, type Survey } from '../snapshot/survey.js';
import { lockForPublishing } from '../publishing/swap-current.js';
import { emptyTrash, listTrash, removeStaleLocks, removeStaleMaps, removeStaleStamps } from './tidy-root.js';
import { moveToTrash, requireMovable } from '../snapshot/writing/trash.js';
import { removeUnchecked } from '../snapshot/writing/unchecked.js';

export interface CollectRequest extends KeepRules {
  /** Checkpoints of trainings that are not running, and unchecked snapshots, go when they are older. */
  readonly checkpointsOlderThanMs: number;
  /** Only say what would be done; nothing is written. */
  readonly dryRun: boolean;
}

export interface CollectedSnapshot {
  readonly id: string;
  readonly collected: boolean;
  /** Why it stays; of one that goes why it may: 'spare', or 'damaged' too. */
  readonly why: readonly (KeepReason | 'spare' | 'damaged')[];
  readonly ageMs: number;
  readonly use: DiskUse;
}

export interface Collection {
  /** All there were, the most recently made first. */
  readonly snapshots: readonly CollectedSnapshot[];
  /** What the disk got back, or would, trash and leftovers included. */
  readonly freedBytes: Count;
  /** What the snapshots that stay take, each file once. */
  readonly keptBytes: Count;
  /** What lay in the trash before. */
  readonly trash: { readonly snapshots: Count; readonly bytes: Count };
  readonly leftovers: Leftovers;
  /** Stamps of snapshots that are gone. */
  readonly stamps: Count;
  readonly checkpoints: readonly AbandonedCheckpoints[];
  /** What is not segue's, and was left alone. */
  readonly foreign: readonly Foreign[];
}

/**
 * Throws snapshot-not-found where there is no root, damaged-root where a link or directory of it is not what segue
 * makes, busy where someone collects or publishes, machine errors, and the error of an abort, which comes between two
 * steps.
 */
export async function collectSnapshots(
  root: string,
  request: CollectRequest,
  context: TaskContext,
): Promise<Collection> {
  requireRoot(root);
  if (request.dryRun) return await collect(root, request, context);
  return releasing(lockOrBusy(root, rootPath.collectLock(root), 'collecting'), async () =>
    collect(root, request, context),
  );
}

async function collect(root: string, request: CollectRequest, context: TaskContext): Promise<Collection> {
  const { dryRun, nowMs } = request;
  const trashBefore = listTrash(root);
  const survey = surveySnapshots(root);
  const { verdicts, foreign: foreignTags } = await letSpareOnesGo(root, survey, request, context);
  const filesOf = (goes: boolean): FoundFile[] =>
    verdicts.flatMap(({ snapshot, keptBy }) => ((keptBy.length === 0) === goes ? snapshot.files : []));
  const use = diskUseOf(new Map(verdicts.map(({ snapshot: { id, files } }) => [id, files])));
  const trash = dryRun ? trashBefore : listTrash(root);
  const freedBytes = dryRun
    ? bytesFreedBy([...trash.files, ...filesOf(true)])
    : await emptyTrash(trash, context);
  const drafts = cleanDrafts(root, { dryRun });
  const olderThanMs = request.checkpointsOlderThanMs;
  const unchecked = removeUnchecked(root, { olderThanMs, nowMs, dryRun }, context);
  const leftovers = {
    paths: [...drafts.paths, ...unchecked.paths],
    bytes: drafts.bytes + unchecked.bytes,
  };
  const checkpoints = removeAbandonedCheckpoints(root, { olderThanMs, nowMs, dryRun }, context);
  const stamps = removeStaleStamps(root, dryRun);
  const maps = removeStaleMaps(root, dryRun);
  const locks = removeStaleLocks(root, dryRun);
  return {
    snapshots: verdicts.map((one) => reported(one, use)),
    freedBytes:
      freedBytes +
      leftovers.bytes +
      maps.bytes +
      checkpoints.removed.reduce((sum, { bytes }) => sum + bytes, 0),
    keptBytes: distinctBytes(filesOf(false)),
    trash: { snapshots: trashBefore.paths.length, bytes: sumBytes(trashBefore.files) },
    leftovers,
    stamps: stamps.count,
    checkpoints: checkpoints.removed,
    foreign: [
      ...[survey.foreign, trash.foreign, foreignTags, checkpoints.foreign, stamps.foreign, maps.foreign],
      locks,
    ].flat(),
  };
}

/** Judges all, and moves what may go to the trash; the publish lock is held for no longer than that. */
async function letSpareOnesGo(
  root: string,
  { snapshots }: Survey,
  request: CollectRequest,
  context: TaskContext,
): Promise<{ readonly verdicts: readonly Judged[]; readonly foreign: readonly Foreign[] }> {
  return releasing(request.dryRun ? undefined : lockForPublishing(root, 'collecting'), async () => {
    const { byId, foreign } = readProtections(root);
    const { changes } = readChanges(root, undefined);
    const judged = judgeSnapshots(snapshots, byId, lastCurrentTimes(changes), request);
    const verdicts = new Map<string, Judged>();
    /** By member the bundles that stay. */
    const bundles = new Map<string, KeepReason[]>();
    // Bundles first, since those that stay keep their members; then the oldest first: what is cut short has taken what
    // would be missed least.
    const isBundle = ({ snapshot }: Judged): boolean => snapshot.members.length > 0;
    const inTurn = judged.toReversed();
    for (const one of [...inTurn.filter(isBundle), ...inTurn.filter((each) => !isBundle(each))]) {
      // Lets Ctrl-C through.
      await setImmediate();
      if (context.signal.aborted) throw abortError(context.signal);
      const { id, members } = one.snapshot;
      const known = [...one.keptBy, ...(bundles.get(id) ?? [])];
      const keptBy = known.length > 0 ? known : letGo(root, id, request.dryRun);
      verdicts.set(id, { ...one, keptBy });
      if (keptBy.length === 0) continue;
      for (const member of members) bundles.set(member, [...(bundles.get(member) ?? []), `bundle:${id}`]);
    }
    return { verdicts: judged.map(({ snapshot }) => verdicts.get(snapshot.id)!), foreign };
  });
}

/** Moves it to the trash, or says what keeps it after all. */
function letGo(root: string, id: string, dryRun: boolean): readonly KeepReason[] {
  if (dryRun) return wouldKeep(root, id);
  let keptBy: readonly KeepReason[] = [];
  try {
    // A maker can have found it and pointed `latest` or a tag to it since we looked.
    const outcome = moveToTrash(root, id, () => {
      keptBy = readProtections(root).byId.get(id) ?? [];
      return keptBy.length > 0;
    });
    return outcome === 'leased' ? ['leased'] : keptBy;
  } catch (error) {
    // Of a root that several users write to each collects as much as is permitted.
    if (isDenied(error)) return ['denied'];
    throw error;
  }
}

/** Without the right to collect, it reports what would be collected. */
function wouldKeep(root: string, id: string): readonly KeepReason[] {
  if (isLeased(rootPath.snapshot(root, id))) return ['leased'];
  try {
    accessSync(rootPath.snapshots(root), constants.W_OK);
  } catch {
    return [];
  }
  try {
    requireMovable(root, id);
    return [];
  } catch (error) {
    if (isDenied(error)) return ['denied'];
    throw error;
  }
}

function reported(
  { snapshot, ageMs, keptBy }: Judged,
  uses: ReadonlyMap<string, DiskUse>,
): CollectedSnapshot {
  const { id, condition } = snapshot;
  const damage = condition === 'damaged' ? (['damaged'] as const) : [];
  const collected = keptBy.length === 0;
  const why = collected ? (['spare', ...damage] as const) : [...keptBy, ...damage];
  return { id, collected, why, ageMs, use: uses.get(id) ?? { own: 0, shared: 0 } };
}
