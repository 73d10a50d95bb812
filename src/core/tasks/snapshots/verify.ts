/** `segue snapshots verify`: reads every byte of snapshots, and says of each whether it is what was written. */
import { sep } from 'node:path';
import type { Count, Seconds, SnapshotId, Some, TaskContext } from '../../contracts.js';
import { AppError, VerdictError, type ErrorCode } from '../../errors.js';
import { findDamage, isOfMachine } from '../../snapshot/check-snapshot.js';
import { isBundle } from '../../snapshot/bundle.js';
import type { Member } from '../../snapshot/manifest.js';
import { rootPath } from '../../snapshot/layout.js';
import { membersOf, missingMember } from '../../snapshot/members-of.js';
import { leaseNamed, defaultReference, type Leased } from '../../snapshot/open-snapshot.js';
import { listSnapshotIds, readLinks, resolveReference } from '../../snapshot/resolve-reference.js';
import { removeStamp, writeStamp } from '../../snapshot/stamp.js';
import { totalBytes } from '../../snapshot/verify.js';
import { secondsSince } from '../seconds.js';
import type { AskedOf } from '../../options/asked-of.js';

export type VerifySnapshotsOptions = AskedOf<'verifySnapshots'>;

export interface Damage {
  readonly code: ErrorCode;
  /** Relative to the snapshot; null where it is not one file's. */
  readonly file: string | null;
  readonly message: string;
}

export interface SnapshotVerdict {
  readonly snapshot: SnapshotId;
  /** Of a bundle; each has a verdict of its own. */
  readonly members?: Some<Member>;
  readonly whole: boolean;
  /** False where the machine kept it from being checked: then nothing is known of it. */
  readonly checked: boolean;
  readonly files: Count;
  readonly bytes: Count;
  /** Everything that is wrong with it. */
  readonly damage: readonly Damage[];
}

export interface VerifySnapshotsResult {
  readonly root: string;
  readonly verdicts: readonly SnapshotVerdict[];
  /** With `all`: links of the root that do not lead where they should. */
  readonly problems: readonly Damage[];
  readonly seconds: Seconds;
}

/** Some are damaged, could not be checked, or a link does not lead where it should. */
export class NotAllWhole extends VerdictError<VerifySnapshotsResult> {}

/**
 * Trusts no stamp, and renews that of every snapshot that is whole; a damaged one loses its own, so that readers refuse it
 * too. Throws NotAllWhole, of the code of what is wrong with the first, after all of them were read; snapshot-not-found where there is nothing to verify. One that the machine kept from being checked is not called
 * damaged, and keeps its stamp.
 */
export async function verifySnapshots(
  options: VerifySnapshotsOptions,
  context: TaskContext,
): Promise<VerifySnapshotsResult> {
  const startMs = performance.now();
  const { root, all } = options;
  const ids = idsOf(options, context);
  const hashes = new Map<string, string>();
  const verdicts: SnapshotVerdict[] = [];
  for (const [place, id] of ids.entries()) {
    const verdict = await verdictOf(root, id, hashes, numbered(context, place, ids.length));
    // Whatever was collected since it was listed is no damage.
    if (verdict !== undefined) verdicts.push(verdict);
  }
  const problems = all ? readLinks(root).problems.map((problem) => damageOf(problem)) : [];
  const result = { root, verdicts, problems, seconds: secondsSince(startMs) };
  requireWhole(result);
  return result;
}

function idsOf({ root, snapshots = [], all }: VerifySnapshotsOptions, context: TaskContext): string[] {
  const references = snapshots.length > 0 || all ? snapshots : [defaultReference(root, context)];
  const ids = all ? listSnapshotIds(root) : references.map((reference) => resolveReference(root, reference));
  if (ids.length > 0)
    return [...new Set(ids.flatMap((id) => [id, ...membersOf(root, id).map(({ snapshot }) => snapshot)]))];
  throw new AppError('snapshot-not-found', `there are no snapshots in ${root}`, {
    suggestions: ['segue train EVENTS', 'is `root` the right directory?'],
  });
}

async function verdictOf(
  root: string,
  id: string,
  hashes: Map<string, string>,
  context: TaskContext,
): Promise<SnapshotVerdict | undefined> {
  let leased: Leased;
  try {
    leased = await leaseNamed(root, id);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'snapshot-not-found') return undefined;
    const checked = !isOfMachine(error);
    if (checked) removeStamp(root, id);
    return { snapshot: id, whole: false, checked, files: 0, bytes: 0, damage: [damageOf(error, root, id)] };
  }
  const { path, manifest, lease } = leased;
  try {
    const { identities, damage: found } = await findDamage(path, manifest, context, hashes);
    const missing = isBundle(manifest) ? missingMember(root, manifest) : undefined;
    const damage = missing === undefined ? found : [...found, missing];
    const checked = damage.length === 0 || !damage.every(isOfMachine);
    if (damage.length === 0 && !isBundle(manifest)) writeStamp(root, manifest, identities);
    else if (checked) removeStamp(root, id);
    return {
      snapshot: id,
      ...(isBundle(manifest) ? { members: manifest.members } : {}),
      whole: damage.length === 0,
      checked,
      files: Object.keys(manifest.files).length,
      bytes: totalBytes(manifest),
      damage: damage.map((each) => damageOf(each, root, id)),
    };
  } finally {
    lease.release();
  }
}

/** Progress says which of several it is about. */
function numbered(context: TaskContext, place: number, count: number): TaskContext {
  if (count === 1) return context;
  return {
    signal: context.signal,
    onProgress: (progress) => {
      const note = `${place + 1} of ${count}`;
      context.onProgress(progress.kind === 'step' ? { ...progress, note } : progress);
    },
  };
}

/** What is wrong with a manifest names it by its whole path. */
function damageOf({ code, message, details }: AppError, root = '', id = ''): Damage {
  const { file } = details;
  if (typeof file !== 'string') return { code, message, file: null };
  const directory = rootPath.snapshot(root, id) + sep;
  return { code, message, file: file.startsWith(directory) ? file.slice(directory.length) : file };
}

function requireWhole(result: VerifySnapshotsResult): void {
  const wrong = result.verdicts.filter(({ whole }) => !whole);
  const damaged = wrong.filter(({ checked }) => checked);
  const unchecked = wrong.filter(({ checked }) => !checked);
  const reasons = unchecked.flatMap(({ damage }) => damage[0]?.message ?? []);
  const [first] = [...wrong.flatMap(({ damage }) => damage), ...result.problems].sort(
    (a, b) => Number(b.code === 'damaged-snapshot') - Number(a.code === 'damaged-snapshot'),
  );
  if (first === undefined) return;
  const ofAll = `of ${result.verdicts.length} snapshots`;
  throw new NotAllWhole(
    first.code,
    [
      ...(damaged.length > 0
        ? [`${damaged.length} ${ofAll} cannot be used: ${named(damaged).join('; ')}`]
        : []),
      ...(unchecked.length > 0
        ? [`${unchecked.length} ${ofAll} could not be checked: ${reasons.join('; ')}`]
        : []),
      ...result.problems.map(({ message }) => message),
    ].join('; '),
    result,
    [
      ...(damaged.length > 0
        ? ['make them again, or copy them again', 'segue rollback, if one of them is current']
        : []),
      ...(unchecked.length > 0
        ? [
            'what could not be checked need not be damaged: try again with more memory, or more open files (ulimit -n)',
          ]
        : []),
    ],
  );
}

function named(verdicts: readonly SnapshotVerdict[]): string[] {
  return verdicts.map(({ snapshot, damage }) => {
    const files = damage.flatMap(({ file }) => file ?? []);
    return files.length === 0 ? snapshot : `${snapshot} (${files.join(', ')})`;
  });
}
