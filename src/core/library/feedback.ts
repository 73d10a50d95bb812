/** The library's functions that keep what users did and said. */
import type { Given } from '../options/option.js';
import { libraryFunction } from './library-function.js';
import * as operations from '../options/operations.js';

export type AddFeedbackOptions = Given<typeof operations.addFeedback.options>;

/**
 * Keeps what a user did or said: durable when it settles, and in force in every answer that is asked for afterwards.
 *
 * ```ts
 * import { addFeedback, recommend } from '@segue-music/segue';
 *
 * const user = 'KGLK/2014-06-16';
 * await addFeedback({ user, item: 'Hotel California', type: 'ban' });
 * const [{ recommendations }] = await recommend({ users: [user] });
 * console.log(recommendations.every(({ name }) => name !== 'Hotel California'));
 * ```
 */
export const addFeedback = libraryFunction(
  operations.addFeedback,
  async () => (await import('../tasks/feedback/add.js')).addFeedback,
);

export type ImportFeedbackOptions = Given<typeof operations.importFeedback.options>;

/**
 * Keeps what files of events say, a row an entry; the same file again adds nothing.
 *
 * ```ts
 * import { importFeedback } from '@segue-music/segue';
 *
 * const { added, repeated } = await importFeedback({ files: ['examples/classic-rock/feedback.csv'] });
 * console.log(added, repeated);
 * ```
 */
export const importFeedback = libraryFunction(
  operations.importFeedback,
  async () => (await import('../tasks/feedback/import.js')).importFeedback,
);

export type ListFeedbackOptions = Given<typeof operations.listFeedback.options>;

/**
 * What holds of a user, the latest first; without a user, who gave any feedback.
 *
 * ```ts
 * import { listFeedback } from '@segue-music/segue';
 *
 * const { entries } = await listFeedback({ user: 'KGLK/2014-06-16' });
 * console.log(entries?.map(({ type, name }) => `${type} ${name}`));
 * ```
 */
export const listFeedback = libraryFunction(
  operations.listFeedback,
  async () => (await import('../tasks/feedback/list.js')).listFeedback,
);

export type UndoFeedbackOptions = Given<typeof operations.undoFeedback.options>;

/**
 * Takes an entry back, or the latest of a user about an item: what was said before it holds again.
 *
 * ```ts
 * import { addFeedback, undoFeedback } from '@segue-music/segue';
 *
 * const said = { user: 'KGLK/2014-06-16', item: 'Hotel California' };
 * await addFeedback({ ...said, type: 'ban' });
 * const { undone } = await undoFeedback(said);
 * console.log(undone.type);
 * ```
 */
export const undoFeedback = libraryFunction(
  operations.undoFeedback,
  async () => (await import('../tasks/feedback/undo.js')).undoFeedback,
);

export type ExportFeedbackOptions = Given<typeof operations.exportFeedback.options>;

/**
 * Writes what holds as events to train on.
 *
 * ```ts
 * import { exportFeedback } from '@segue-music/segue';
 *
 * const { events, watermark } = await exportFeedback({ out: 'feedback.parquet', force: true });
 * console.log(events, watermark);
 * ```
 */
export const exportFeedback = libraryFunction(
  operations.exportFeedback,
  async () => (await import('../tasks/feedback/export.js')).exportFeedback,
);

export type CompactFeedbackOptions = Given<typeof operations.compactFeedback.options>;

/**
 * Sorts the journal by user, so that opening the ledger takes no longer the more there is in it.
 *
 * ```ts
 * import { compactFeedback } from '@segue-music/segue';
 *
 * const { entries } = await compactFeedback();
 * console.log(entries);
 * ```
 */
export const compactFeedback = libraryFunction(
  operations.compactFeedback,
  async () => (await import('../tasks/feedback/compact.js')).compactFeedback,
);

export type VerifyFeedbackOptions = Given<typeof operations.verifyFeedback.options>;

/**
 * Reads the whole ledger and holds every entry against its checksum. Damage is an AppError.
 *
 * ```ts
 * import { verifyFeedback } from '@segue-music/segue';
 *
 * const { entries, watermark } = await verifyFeedback();
 * console.log(entries, watermark);
 * ```
 */
export const verifyFeedback = libraryFunction(
  operations.verifyFeedback,
  async () => (await import('../tasks/feedback/verify.js')).verifyFeedback,
);

export type ForgetUserOptions = Given<typeof operations.forgetUser.options>;

/**
 * Forgets a user: deletes their feedback, and keeps every answer from using what snapshots still hold of them.
 *
 * ```ts
 * import { forgetUser } from '@segue-music/segue';
 *
 * const { snapshots } = await forgetUser({ user: 'KGLK/2014-06-20' });
 * console.log(snapshots.map(({ id }) => id));
 * ```
 */
export const forgetUser = libraryFunction(
  operations.forgetUser,
  async () => (await import('../tasks/feedback/forget.js')).forgetUser,
);

export type FollowEventsOptions = Given<typeof operations.followEvents.options>;

/**
 * Keeps events as they are written to a file or a stream, and gives a line of JSON for each user of whom any came, with their
 * vector: see `FreshVector`. Without `once` it goes on until its signal aborts it, and then rejects with what it was aborted
 * with; nothing is lost, and the same call goes on from there.
 *
 * ```ts
 * import { followEvents } from '@segue-music/segue';
 *
 * const { events } = await followEvents({
 *   follow: 'examples/classic-rock/feedback.csv',
 *   once: true,
 *   state: 'listeners',
 *   write: async (lines) => console.log(lines),
 * });
 * console.log(events);
 * ```
 */
export const followEvents = libraryFunction(
  operations.followEvents,
  async () => (await import('../tasks/follow.js')).followEvents,
);
