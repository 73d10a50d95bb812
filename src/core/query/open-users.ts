import { existsSync } from 'node:fs';
import type { AsOfMark, FeedbackOptions } from '../feedback/follow-ledger.js';
import type { LedgerMark } from '../feedback/known-entries.js';
import { rootPath } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { Catalogue } from '../store/catalogue.js';
import type { KnownUsers } from './known-users.js';
import { StoredUsers } from './stored-users.js';
import type { ObeyingUsers } from './users-with-feedback.js';

/** The listeners of a snapshot, and of the ledger of its root. */
export interface OpenUsers {
  /** For a whole query: with all feedback that was acknowledged before this call, or up to its mark. */
  asOfNow(asked: FeedbackOptions & AsOfMark): Promise<KnownUsers>;
  /** With a ledger as it was before; undefined where it is not there any more. */
  asOf(mark: LedgerMark, asked: FeedbackOptions): Promise<KnownUsers | undefined>;
  /** `asOfNow` for whoever cannot wait. */
  following(): Promise<(asked: FeedbackOptions) => KnownUsers>;
  close(): void;
}

/**
 * Of a snapshot without users those whom the ledger knows; AppError 'missing-part' from what asks where nobody is known.
 * @param catalogue of the snapshot, asked for only where a ledger says something of a user
 */
export function openUsers(snapshot: OpenSnapshot, numItems: number, catalogue: () => Catalogue): OpenUsers {
  const stored = new StoredUsers(snapshot, numItems);
  const directory = rootPath.feedback(snapshot.root);
  let obeying: Promise<ObeyingUsers> | undefined;
  let loaded: ObeyingUsers | undefined;
  // What reads a ledger is loaded where there is one.
  const load = async (): Promise<ObeyingUsers> => {
    const { openObeyingUsers } = await import('./users-with-feedback.js');
    return (loaded = openObeyingUsers(snapshot, stored, catalogue));
  };
  return {
    async asOfNow(asked) {
      if (asked.feedback === false || (obeying === undefined && !existsSync(directory)))
        return stored.alone();
      return (loaded ?? (await (obeying ??= load()))).asOfNow(asked);
    },
    async asOf(mark, asked) {
      return (await (obeying ??= load())).asOf(mark, asked);
    },
    async following() {
      const { asOfNow } = await (obeying ??= load());
      return asOfNow;
    },
    close() {
      loaded?.close();
      stored.close();
    },
  };
}
