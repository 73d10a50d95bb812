/**
 * Publishing: verify, judge, and only then one rename. Until then every failure leaves `current` as it was.
 */
import { lstatSync } from 'node:fs';
import { releasing } from '../closers.js';
import type { Count, SnapshotId, Some, TaskContext } from '../contracts.js';
import { AppError, abortError } from '../errors.js';
import { checkSnapshot } from '../snapshot/check-snapshot.js';
import type { Member } from '../snapshot/manifest.js';
import type { GateVerdict } from '../gates/gates.js';
import { idPrefixPattern, rootPath } from '../snapshot/layout.js';
import { membersOf } from '../snapshot/members-of.js';
import { makeDurable } from '../snapshot/writing/make-durable.js';
import { openLeased } from '../snapshot/open-snapshot.js';
import { warnOfNetwork } from '../snapshot/network-warning.js';
import { readCurrent, resolveReference } from '../snapshot/resolve-reference.js';
import { writeStamp, type FileIdentities } from '../snapshot/stamp.js';
import { beginSnapshot } from '../snapshot/writing/write-snapshot.js';
import { leaseCandidate, type Candidate, type Judged, type Wanted } from './candidate.js';
import { lockForPublishing, swapCurrent, type ChangeNote } from './swap-current.js';
import { totalBytes, verifyFiles } from '../snapshot/verify.js';

export type { Wanted };

/**
 * Judges a snapshot, or every member of the bundle `id`. `current` is undefined where nothing is published.
 */
export type Judge = (
  id: string,
  candidates: readonly Judged[],
  current: string | undefined,
) => Promise<readonly GateVerdict[]>;

export interface PublishRequest {
  readonly wanted: Wanted;
  /** What must be current: a reference, or 'none'. */
  readonly expect: string | undefined;
  /** The id that was current when `wanted` was chosen, where it was chosen by that: it must be so still. */
  readonly chosenBeside?: string | undefined;
  /**
   * Judges the snapshot, once it is verified, beside what is current; throws does-not-hold where it may not be published.
   * The publish lock is held meanwhile. Without it there are no gates.
   */
  readonly judge?: Judge | undefined;
  /** Only the verdicts; nothing is written. */
  readonly dryRun: boolean;
  readonly note: ChangeNote;
}

export interface PublishOutcome {
  readonly published: SnapshotId;
  /** Of a bundle. */
  readonly members?: Some<Member>;
  readonly previous: SnapshotId | null;
  readonly gates: readonly GateVerdict[];
  /** It was current already. */
  readonly unchanged: boolean;
  readonly verified: { readonly files: Count; readonly bytes: Count };
}

/**
 * Throws snapshot-not-found, damaged-snapshot and its like, busy, conflict (--expect), does-not-hold (gates, all
 * verdicts in the details), machine errors; durability-unknown where the swap is visible but may not last.
 */
export async function publishSnapshot(
  root: string,
  request: PublishRequest,
  context: TaskContext,
): Promise<PublishOutcome> {
  // Before the lock, so that a root which holds nothing is left alone.
  const { wanted } = request;
  for (const { reference } of typeof wanted === 'string' ? [{ reference: wanted }] : wanted)
    resolveReference(root, reference);
  warnOfNetwork(root, context);
  return releasing(request.dryRun ? undefined : lockForPublishing(root), async () => {
    return releasing(await leaseCandidate(root, wanted), async (candidate) =>
      publishLeased(root, candidate, request, context),
    );
  });
}

async function publishLeased(
  root: string,
  candidate: Candidate,
  request: PublishRequest,
  context: TaskContext,
): Promise<PublishOutcome> {
  const { id, parts, bundle } = candidate;
  const current = readCurrent(root);
  if (request.expect !== undefined) requireCurrent(root, request.expect, current);
  if (request.chosenBeside !== undefined && request.chosenBeside !== current)
    throw changedMeanwhile(request.chosenBeside, current);
  if (current !== undefined && current !== id) {
    tellMissing(root, current, context);
    tellNamesLost(root, current, candidate, request, context);
  }
  const isDurable = request.dryRun || current === id;
  if (bundle?.path !== undefined) {
    await verifyFiles(bundle.path, bundle.manifest, context);
    if (!isDurable) makeDurable(bundle.path, bundle.manifest);
  }
  const checked = new Map<string, FileIdentities>();
  for (const { path, manifest } of parts) {
    if (checked.has(manifest.id)) continue;
    const identities = await checkSnapshot(path, manifest, context, () => {
      if (!isDurable) makeDurable(path, manifest);
    });
    checked.set(manifest.id, identities);
  }
  const judged = parts.map(({ as, ...leased }) => ({ as, snapshot: openLeased(leased) }));
  const gates = (await request.judge?.(id, judged, current)) ?? [];
  const manifests = [...checked.keys()].map((each) => parts.find((part) => part.id === each)!.manifest);
  const identities = [...checked.values()];
  const outcome = {
    published: id,
    ...(bundle === undefined ? {} : { members: bundle.manifest.members }),
    previous: current ?? null,
    gates,
    unchanged: current === id,
    verified: {
      files: identities.reduce((sum, { size }) => sum + size, 0),
      bytes: manifests.reduce((sum, manifest) => sum + totalBytes(manifest), 0),
    },
  };
  if (request.dryRun) return outcome;
  for (const manifest of manifests) writeStamp(root, manifest, checked.get(manifest.id)!);
  if (outcome.unchanged) return outcome;
  if (context.signal.aborted) throw abortError(context.signal);
  const swap = (): void => swapCurrent(root, current, id, request.note);
  if (bundle === undefined || bundle.path !== undefined) {
    swap();
    return outcome;
  }
  const draft = beginSnapshot(root, { estimatedBytes: 0 }, context);
  try {
    await draft.commitBundle(bundle.manifest, swap);
  } finally {
    draft.abandon();
  }
  return outcome;
}

/** A link that leads nowhere is no reason to refuse what repairs it. */
function tellMissing(root: string, current: string, context: TaskContext): void {
  if (lstatSync(rootPath.snapshot(root, current), { throwIfNoEntry: false }) !== undefined) return;
  const message = `${current}, which is current, no longer exists: readers fail until another one is published`;
  context.onProgress({ kind: 'warning', message });
}

/** Of a bundle that is replaced: names that readers ask for, and that are gone then. */
function tellNamesLost(
  root: string,
  current: string,
  { bundle }: Candidate,
  { note }: PublishRequest,
  context: TaskContext,
): void {
  const names = new Set(bundle?.manifest.members.map(({ as }) => as));
  const lost = membersOf(root, current).flatMap(({ as }) => (names.has(as) ? [] : [as]));
  if (lost.length === 0) return;
  const it = lost.length === 1 ? 'it' : 'them';
  const kept = lost.map((as) => `${as}=${current}`).join(' ');
  context.onProgress({
    kind: 'warning',
    message: `${current}, which is current, has ${lost.join(', ')}, and this has not: whoever reads ${it} by \`as\` will fail`,
    suggestions: note.op === 'publish' ? [`segue publish NAME=REF ${kept} keeps ${it}`] : [],
  });
}

function changedMeanwhile(before: string, current: string | undefined): AppError {
  return new AppError(
    'conflict',
    `another process made ${current ?? 'nothing'} current in place of ${before} just now`,
    {
      suggestions: ['segue snapshots history shows what happened; then try again'],
      details: { expected: before, current: current ?? null },
    },
  );
}

function requireCurrent(root: string, expect: string, current: string | undefined): void {
  const holds =
    expect === 'none'
      ? current === undefined
      : idPrefixPattern.test(expect)
        ? current?.startsWith(expect) === true
        : current === resolveReference(root, expect);
  if (holds) return;
  throw new AppError('conflict', `current is ${current ?? 'none'}, \`expect\` names ${expect}`, {
    suggestions: ['check what was published meanwhile, then publish again'],
    details: { expected: expect, current: current ?? null },
  });
}
