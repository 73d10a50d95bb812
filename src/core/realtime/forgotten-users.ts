/**
 * Users whom the ledger of a root forgot, as far as a follower's state goes: what they did until then is deleted there too, and
 * refused. The root names them by marks alone, so it is asked of each user of the state whether they are one of these, once for
 * every forgetting.
 */
import { join } from 'node:path';
import type { LedgerMark } from '../feedback/known-entries.js';
import type { LedgerReader } from '../ledger/entry.js';
import type { Ledger } from '../ledger/open-ledger.js';
import { openLedgerReader } from '../ledger/open-reader.js';
import { emptied, emptyLetters, linesOfLetters } from './dead-letters.js';
import { parseEventLine } from './event-line.js';
import { readNote, writeNote } from './note-file.js';
import type { DeadLetter } from './step.js';
import { usersIn } from './users-in-line.js';

const noteName = 'forgotten.json';
/** Users who were asked about last; some MB. */
const mostKept = 100_000;

export class ForgottenUsers {
  readonly #directory: string;
  readonly #state: Ledger;
  readonly #rootFeedback: string;
  #root: LedgerReader | undefined;
  /** The last forgetting of the root that the state has obeyed. */
  #obeyed: LedgerMark | undefined;
  /** Whether this process looked before: what is in the state then came before what it sees next. */
  #hasLooked = false;
  readonly #until = new Map<string, number | undefined>();

  /** @param directory of the state, which the caller owns @param rootFeedback directory of the root's ledger, if there is any */
  constructor(directory: string, state: Ledger, rootFeedback: string) {
    this.#directory = directory;
    this.#state = state;
    this.#rootFeedback = rootFeedback;
    this.#obeyed = readObeyed(directory);
  }

  /**
   * Forgets in the state whom the root forgot until now: two system calls where that is nobody else than before. Killed anywhere,
   * the next call does it again. AppErrors of both ledgers, and of the machine.
   */
  async obey(): Promise<void> {
    const root = (this.#root ??= openLedgerReader(this.#rootFeedback));
    root?.refresh();
    const isLive = this.#hasLooked;
    this.#hasLooked = true;
    if (root === undefined || root.lastForgetting === 0) return;
    const { ledger, lastForgetting: seq } = root;
    if (this.#obeyed?.ledger === ledger && this.#obeyed.seq === seq) return;
    this.#until.clear();
    const { reader } = this.#state;
    const found = new Map<string, number>();
    const look = (user: string): void => {
      const until = root.forgottenAt(user);
      if (until === undefined || (reader.forgottenAt(user) ?? -Infinity) >= until) return;
      // A clock that is ahead dates later what came before.
      found.set(user, isLive ? Math.max(until, reader.latestOf(user) ?? until) : until);
    };
    for (const user of reader.users()) look(user);
    for (const line of linesOfLetters(this.#directory)) usersIn(line).forEach(look);
    emptyLetters(this.#directory, (line) => [...usersIn(line)].some((user) => found.has(user)));
    // An earlier process may have been killed before its files were gone.
    if (found.size > 0 || !isLive) await this.#state.forgetAll(found);
    this.#until.clear();
    this.#obeyed = { ledger, seq };
    writeNote(join(this.#directory, noteName), { version: 1, ledger, seq });
  }

  /** Up to when what a user did is not taken, ms since 1970 UTC; undefined where they were not forgotten. */
  until(user: string): number | undefined {
    if (this.#isNobody()) return undefined;
    if (this.#until.has(user)) return this.#until.get(user);
    const times = [this.#root?.forgottenAt(user), this.#state.reader.forgottenAt(user)];
    const known = times.filter((time) => time !== undefined);
    const until = known.length === 0 ? undefined : Math.max(...known);
    if (this.#until.size >= mostKept) this.#until.clear();
    this.#until.set(user, until);
    return until;
  }

  /** Whether a user was forgotten, and has done nothing since. */
  isGone(user: string): boolean {
    return this.until(user) !== undefined && this.#state.reader.of(user).length === 0;
  }

  /** The letters as they may be kept: emptied where they are of such a user, and do not say that it was later. */
  without(letters: readonly DeadLetter[]): readonly DeadLetter[] {
    if (this.#isNobody()) return letters;
    return letters.map((letter) => {
      const time = timeIn(letter.line);
      const isBefore = [...usersIn(letter.line)].some((user) => time <= (this.until(user) ?? NaN));
      return isBefore ? emptied(letter) : letter;
    });
  }

  #isNobody(): boolean {
    return (this.#root?.lastForgetting ?? 0) === 0 && this.#state.reader.lastForgetting === 0;
  }

  close(): void {
    this.#root?.close();
  }
}

/** When what a line says happened; −∞ where it is no event: in doubt it was before. */
function timeIn(text: string): number {
  const anyTime = { fromMs: -Infinity, untilMs: Infinity, nowMs: Infinity };
  const entry = parseEventLine({ offset: 0, text }, '', anyTime);
  return typeof entry === 'object' && 'atMs' in entry ? entry.atMs : -Infinity;
}

/** Which forgetting of its root the state in a directory has obeyed last; undefined where none, or that is lost. */
export function readObeyed(directory: string): LedgerMark | undefined {
  const { ledger, seq } = readNote(join(directory, noteName)) ?? {};
  return typeof ledger === 'string' && typeof seq === 'number' ? { ledger, seq } : undefined;
}
