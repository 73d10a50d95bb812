import type { Pairs } from '../contracts.js';
import { isTime } from '../numeric/pairs.js';
import type { Entry } from '../ledger/entry.js';
import type { Manifest } from '../snapshot/manifest.js';

/** Entries of a ledger up to one of them: what a snapshot was made with. */
export interface LedgerMark {
  /** 16 hex digits: another ledger's entries are others. */
  readonly ledger: string;
  /** Of the last entry, from 1. */
  readonly seq: number;
}

/** Which entries of a ledger a snapshot's histories hold already. */
export interface KnownEntries {
  /** Those up to this one were put into the histories after training; 0 for none. */
  readonly foldedTo: number;
  /** Those up to this one were trained on; undefined where the training was not on events of this ledger. */
  readonly trainedTo: number | undefined;
  /** Else those that happened up to this time are taken as known, ms since 1970 UTC; −Infinity for none. */
  readonly endsAtMs: number;
  /** The histories are of other events than the training: of a user also those up to the latest one of theirs are known. */
  readonly isReplaced: boolean;
}

/** Of a user whom the snapshot does not know. */
export const nothingKnown: KnownEntries = {
  foldedTo: 0,
  trainedTo: undefined,
  endsAtMs: -Infinity,
  isReplaced: false,
};

/** Of a history that something else than a snapshot gives: up to its latest event. */
export const knownByHistory: KnownEntries = { ...nothingKnown, isReplaced: true };

/** What the manifest of a snapshot says of a ledger. */
export function knownEntries(
  { inputs, users }: Pick<Manifest, 'inputs' | 'users'>,
  ledger: string,
): KnownEntries {
  const { feedback, interactions } = inputs;
  const folded = foldedOf(users);
  const lastAt = folded === undefined ? interactions.lastAt : folded.lastAt;
  return {
    foldedTo: folded?.ledger === ledger ? folded.seq : 0,
    trainedTo: feedback?.ledger === ledger ? feedback.seq : undefined,
    endsAtMs: lastAt === null ? -Infinity : Date.parse(lastAt),
    isReplaced: folded === undefined && users?.options['histories'] !== undefined,
  };
}

/** The same for the user of a history. */
export function knownOfUser(known: KnownEntries, { lastAt }: Pairs): KnownEntries {
  if (!known.isReplaced) return known;
  const latest = lastAt.reduce(
    (last, at) => (isTime(at) && Number(at) > last ? Number(at) : last),
    -Infinity,
  );
  return { ...known, endsAtMs: Math.max(known.endsAtMs, latest) };
}

/** What the users' histories were made with after training, and the time of the latest event apart from that. */
export interface FoldedFeedback extends LedgerMark {
  /** ISO 8601 UTC; null where no event had a time. */
  readonly lastAt: string | null;
}

/** undefined where a snapshot's histories hold nothing of a ledger but what was trained on. */
export function foldedOf(users: Manifest['users']): FoldedFeedback | undefined {
  const option = users?.options['feedback'];
  if (typeof option !== 'object' || option === null || Array.isArray(option)) return undefined;
  const { ledger, seq, lastAt } = option as Readonly<Record<string, unknown>>;
  if (typeof ledger !== 'string' || typeof seq !== 'number') return undefined;
  return { ledger, seq, lastAt: typeof lastAt === 'string' ? lastAt : null };
}

/** Whether the weight of an entry is not in the histories yet. */
export function isBeyond({ seq, atMs }: Entry, { foldedTo, trainedTo, endsAtMs }: KnownEntries): boolean {
  return seq > foldedTo && (trainedTo === undefined ? atMs > endsAtMs : seq > trainedTo);
}

/** Up to which entry histories hold what an entry said; 0: none of them. */
export function heldTo({ foldedTo, trainedTo = 0 }: KnownEntries): number {
  return Math.max(foldedTo, trainedTo);
}
