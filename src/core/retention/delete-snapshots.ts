/** Deleting snapshots by name: the same locks and the same way into the trash as collecting, for those that are named. */
import { unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { releasing } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { AppError, abortError, errnoOf } from '../errors.js';
import { shellWord } from '../shell-word.js';
import { fsyncDirectory } from '../files/durable-write.js';
import { bytesFreedBy, diskUseOf, type DiskUse, type FoundFile } from '../snapshot/disk-use.js';
import { rootPath } from '../snapshot/layout.js';
import { isLeased } from '../snapshot/lease.js';
import { linkError, markLatest } from '../snapshot/links.js';
import { readProtections, type Protection } from './protections.js';
import { readLatest, resolveReference } from '../snapshot/resolve-reference.js';
import { requireRoot } from './root-directories.js';
import { lockOrBusy } from '../snapshot/writing/root-lock.js';
import { surveySnapshots, type SurveyedSnapshot } from '../snapshot/survey.js';
import { lockForPublishing } from '../publishing/swap-current.js';
import { emptyTrash, listTrash } from './tidy-root.js';
import { moveToTrash, requireMovable } from '../snapshot/writing/trash.js';

export interface DeleteRequest {
  /** One or more. */
  readonly references: readonly string[];
  /** What was current before, or is the latest, may go too. */
  readonly force: boolean;
  /** Only say what would be done; nothing is written. */
  readonly dryRun: boolean;
}

export interface Deletion {
  readonly deleted: readonly { readonly id: string; readonly use: DiskUse }[];
  /** What `latest` names after it; null where nothing is left that it could. */
  readonly latest: string | null;
  /** What the disk got back, or would. */
  readonly freedBytes: number;
}

/**
 * All are checked before the first is moved. Throws snapshot-not-found, in-use (naming what keeps each of them),
 * damaged-root, busy, machine errors, and the error of an abort.
 */
export async function deleteSnapshots(
  root: string,
  request: DeleteRequest,
  context: TaskContext,
): Promise<Deletion> {
  requireRoot(root);
  if (request.dryRun) return plan(root, request).deletion;
  return releasing(lockOrBusy(root, rootPath.collectLock(root), 'deleting snapshots'), async () => {
    const { deletion, successor } = move(root, request, context);
    const trash = listTrash(root);
    const ids = new Set(deletion.deleted.map(({ id }) => id));
    const paths = trash.paths.filter((path) => ids.has(basename(path).split('.', 1)[0] ?? ''));
    const freedBytes = await emptyTrash({ ...trash, paths }, context);
    return { ...deletion, freedBytes, latest: successor ?? null };
  });
}

interface Plan {
  readonly deletion: Deletion;
  /** What `latest` is to name. */
  readonly successor: string | undefined;
}

/** Under the publish lock, so that none of them becomes what is current. */
function move(root: string, request: DeleteRequest, context: TaskContext): Plan {
  return releasing(lockForPublishing(root, 'deleting snapshots'), () => {
    const planned = plan(root, request);
    if (context.signal.aborted) throw abortError(context.signal);
    const ids = planned.deletion.deleted.map(({ id }) => id);
    for (const id of ids) requireMovable(root, id);
    const latest = readLatest(root);
    // Before the move, so that it names a snapshot at every moment.
    if (latest !== undefined && ids.includes(latest)) pointLatestTo(root, planned.successor);
    for (const id of ids) {
      let keptBy: readonly Protection[] = [];
      const outcome = moveToTrash(root, id, () => {
        keptBy = refusals(readProtections(root).byId.get(id), request.force).filter(
          (why) => why !== 'latest',
        );
        // A maker can have found it meanwhile, and pointed `latest` to it again.
        if (readLatest(root) === id) keptBy = [...keptBy, 'latest'];
        return keptBy.length > 0;
      });
      if (outcome === 'leased') throw inUse([[id, ['leased']]]);
      if (outcome === 'wanted') throw inUse([[id, keptBy]]);
    }
    return planned;
  });
}

/** Throws where something is not there, or something keeps it. */
function plan(root: string, { references, force }: DeleteRequest): Plan {
  const ids = [...new Set(references.map((reference) => resolveReference(root, reference)))];
  const { byId } = readProtections(root);
  const { snapshots } = surveySnapshots(root);
  const bundles = snapshots.filter(({ members }) => members.length > 0);
  const kept = ids.flatMap((id): [string, Reason[]][] => {
    const reasons: Reason[] = refusals(byId.get(id), force);
    for (const bundle of bundles)
      if (bundle.members.includes(id) && !ids.includes(bundle.id)) reasons.push(`bundle:${bundle.id}`);
    if (isLeased(rootPath.snapshot(root, id))) reasons.push('leased');
    return reasons.length === 0 ? [] : [[id, reasons]];
  });
  if (kept.length > 0) throw inUse(kept);
  // Bundles first, so that at every moment what a bundle names is there.
  const isBundle = (id: string): boolean => bundles.some((bundle) => bundle.id === id);
  ids.sort((a, b) => Number(isBundle(b)) - Number(isBundle(a)));
  const use = diskUseOf(new Map(snapshots.map(({ id, files }) => [id, files])));
  const latest = readLatest(root);
  const successor = latest === undefined || !ids.includes(latest) ? latest : youngestBut(ids, snapshots);
  const files: FoundFile[] = snapshots.flatMap((one) => (ids.includes(one.id) ? one.files : []));
  const deleted = ids.map((id) => ({ id, use: use.get(id) ?? { own: 0, shared: 0 } }));
  return {
    deletion: { deleted, latest: successor ?? null, freedBytes: bytesFreedBy(files) },
    successor,
  };
}

type Reason = Protection | 'leased';

function refusals(protections: readonly Protection[] = [], force: boolean): Protection[] {
  return protections.filter((why) => !(force && (why === 'previous' || why === 'latest')));
}

function youngestBut(ids: readonly string[], snapshots: readonly SurveyedSnapshot[]): string | undefined {
  const others = snapshots.filter(
    ({ id, condition, members }) => condition === 'whole' && members.length === 0 && !ids.includes(id),
  );
  return others.sort((a, b) => b.madeAtMs - a.madeAtMs || (a.id < b.id ? -1 : 1))[0]?.id;
}

function pointLatestTo(root: string, id: string | undefined): void {
  if (id !== undefined) {
    // Nobody else deletes anything now: it needs no lease.
    markLatest(root, id, undefined);
    return;
  }
  const link = rootPath.latest(root);
  try {
    unlinkSync(link);
    fsyncDirectory(root);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw linkError(error, link);
  }
}

function inUse(kept: readonly (readonly [id: string, reasons: readonly Reason[]])[]): AppError {
  const said = kept.map(
    ([id, reasons]) => `cannot delete ${id}, which ${reasons.map(inWords).join(' and ')}`,
  );
  const all = new Set(kept.flatMap(([, reasons]) => reasons));
  const tags = [...all].flatMap((reason) => (reason.startsWith('tag:') ? [reason.slice('tag:'.length)] : []));
  const bundles = [...all].flatMap((reason) =>
    reason.startsWith('bundle:') ? [reason.slice('bundle:'.length)] : [],
  );
  return new AppError('in-use', said.join('; '), {
    suggestions: [
      ...(all.has('current') ? ['segue publish SNAPSHOT makes another one current first'] : []),
      ...tags.map((tag) => `segue snapshots untag ${shellWord(tag)}`),
      ...bundles.map((bundle) => `segue snapshots delete ${bundle}`),
      ...(all.has('previous') || all.has('latest')
        ? ['`force` also deletes the previous and the latest snapshot']
        : []),
      ...(all.has('leased') ? ['try again when no process reads it'] : []),
    ],
    details: { kept: Object.fromEntries(kept) },
  });
}

function inWords(reason: Reason): string {
  if (reason === 'current') return 'is current';
  if (reason === 'previous') return 'was current before';
  if (reason === 'latest') return 'is the latest';
  if (reason === 'leased') return 'is being read';
  if (reason.startsWith('bundle:')) return `is a member of the bundle ${reason.slice('bundle:'.length)}`;
  return `is tagged "${reason.slice('tag:'.length)}"`;
}
