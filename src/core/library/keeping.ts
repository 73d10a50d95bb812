/** The library's functions that publish, compare, list and delete snapshots. */
import type { Given } from '../options/option.js';
import { libraryFunction } from './library-function.js';
import * as operations from '../options/operations.js';

export type PublishOptions = Given<typeof operations.publish.options>;

/**
 * Makes a snapshot current, if it passes its gates.
 *
 * ```ts
 * import { AppError, publish } from '@segue-music/segue';
 *
 * try {
 *   await publish({ require: ['recall@10>=0.9'], why: 'a first model' });
 * } catch (error) {
 *   if (!(error instanceof AppError) || error.code !== 'does-not-hold') throw error;
 *   console.error(error.message, error.details);
 * }
 * ```
 */
export const publish = libraryFunction(
  operations.publish,
  async () => (await import('../tasks/publish.js')).publish,
);

export type RollbackOptions = Given<typeof operations.rollback.options>;

/**
 * Makes current what was so before, or a snapshot that is named.
 *
 * ```ts
 * import { publish, rollback } from '@segue-music/segue';
 *
 * await publish({ snapshot: 'again' });
 * const { rolledBackTo } = await rollback({ why: 'only a rehearsal' });
 * console.log(rolledBackTo);
 * ```
 */
export const rollback = libraryFunction(
  operations.rollback,
  async () => (await import('../tasks/rollback.js')).rollback,
);

export type DiffOptions = Given<typeof operations.diffSnapshots.options>;

/**
 * What changed between two snapshots; what publishing the latest would change, where none are named. Of two bundles, without
 * `as`, what changed under each name.
 *
 * ```ts
 * import { diffSnapshots } from '@segue-music/segue';
 *
 * const difference = await diffSnapshots();
 * if ('members' in difference) console.log(difference.members);
 * else console.log(difference.overlapAt10, difference.items.addedTop);
 * ```
 */
export const diffSnapshots = libraryFunction(
  operations.diffSnapshots,
  async () => (await import('../tasks/diff-snapshots.js')).diffSnapshots,
);

export type ReportOptions = Given<typeof operations.report.options>;

/**
 * Draws a snapshot on one page, an HTML file that needs nothing else, and what changed since another one.
 *
 * ```ts
 * import { report } from '@segue-music/segue';
 *
 * const { sections, bytes } = await report({ snapshot: 'latest', item: ['Plush'], out: 'report.html' });
 * console.log(sections, bytes);
 * ```
 */
export const report = libraryFunction(
  operations.report,
  async () => (await import('../tasks/report.js')).report,
);

export type ListSnapshotsOptions = Given<typeof operations.listSnapshots.options>;

/**
 * The snapshots of a root, newest first.
 *
 * ```ts
 * import { listSnapshots } from '@segue-music/segue';
 *
 * const { current, snapshots } = await listSnapshots();
 * console.log(current, snapshots.length);
 * ```
 */
export const listSnapshots = libraryFunction(
  operations.listSnapshots,
  async () => (await import('../tasks/snapshots/list.js')).listSnapshots,
);

export type ShowSnapshotOptions = Given<typeof operations.showSnapshot.options>;

/**
 * Everything that is known of a snapshot.
 *
 * ```ts
 * import { showSnapshot } from '@segue-music/segue';
 *
 * const { model, metrics } = await showSnapshot({ snapshot: 'latest' });
 * console.log(model.name, metrics);
 * ```
 */
export const showSnapshot = libraryFunction(
  operations.showSnapshot,
  async () => (await import('../tasks/snapshots/show.js')).showSnapshot,
);

export type VerifySnapshotsOptions = Given<typeof operations.verifySnapshots.options>;

/**
 * Reads every byte of snapshots, and says whether they are whole: AppError 'damaged-snapshot' where one is not.
 *
 * ```ts
 * import { verifySnapshots } from '@segue-music/segue';
 *
 * const { verdicts } = await verifySnapshots({ all: true });
 * console.log(verdicts.length);
 * ```
 */
export const verifySnapshots = libraryFunction(
  operations.verifySnapshots,
  async () => (await import('../tasks/snapshots/verify.js')).verifySnapshots,
);

export type HistoryOptions = Given<typeof operations.history.options>;

/**
 * What was published and rolled back, the latest change first.
 *
 * ```ts
 * import { history } from '@segue-music/segue';
 *
 * const { changes } = await history({ limit: 10 });
 * console.log(changes.map(({ op, why }) => `${op}: ${why}`));
 * ```
 */
export const history = libraryFunction(
  operations.history,
  async () => (await import('../tasks/snapshots/history.js')).history,
);

export type TagOptions = Given<typeof operations.tag.options>;

/**
 * Gives a snapshot a name, which keeps it from being collected.
 *
 * ```ts
 * import { tag } from '@segue-music/segue';
 *
 * await tag({ snapshot: 'current', tag: 'before-summer' });
 * ```
 */
export const tag = libraryFunction(
  operations.tag,
  async () => (await import('../tasks/snapshots/tag.js')).tag,
);

export type UntagOptions = Given<typeof operations.untag.options>;

/**
 * Takes tags away; none of them where one does not exist.
 *
 * ```ts
 * import { untag } from '@segue-music/segue';
 *
 * await untag({ tags: ['before-summer', 'again'] });
 * ```
 */
export const untag = libraryFunction(
  operations.untag,
  async () => (await import('../tasks/snapshots/untag.js')).untag,
);

export type DeleteSnapshotsOptions = Given<typeof operations.deleteSnapshots.options>;

/**
 * Deletes snapshots by name; all are checked before the first one goes.
 *
 * ```ts
 * import { deleteSnapshots } from '@segue-music/segue';
 *
 * const { freedBytes } = await deleteSnapshots({ snapshots: ['latest'], force: true, dryRun: true });
 * console.log(freedBytes);
 * ```
 */
export const deleteSnapshots = libraryFunction(
  operations.deleteSnapshots,
  async () => (await import('../tasks/snapshots/delete.js')).deleteSnapshots,
);

export type GcOptions = Given<typeof operations.gc.options>;

/**
 * Deletes old snapshots that nothing needs, and leftovers of dead processes.
 *
 * ```ts
 * import { gc } from '@segue-music/segue';
 *
 * const { snapshots } = await gc({ keep: 3, olderThan: '30d', dryRun: true });
 * console.log(snapshots);
 * ```
 */
export const gc = libraryFunction(operations.gc, async () => (await import('../tasks/gc.js')).gc);
