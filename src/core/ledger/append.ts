/**
 * One change of the ledger, a group commit as a rule, as a state machine: under the lock it sees what others wrote, appends the entries that are new in one
 * write, makes them durable, then writes durably up to where they are, and gives the lock back. Only then are they
 * acknowledged.
 *
 * What others wrote and this process has not itself made durable is written once more, with the same bytes: they may have
 * been killed before their fsync, or after one that failed, which leaves pages that the kernel takes for clean.
 *
 * A write that failed leaves a line cut short (a whole one would be seen). Nothing is appended behind such a line: the
 * journal is sealed before it and the next one begun, so that a journal which a reader holds never changes but by growing.
 */
import { hash } from 'node:crypto';
import { newAcknowledged } from './acknowledged-file.js';
import { admit, type AddedEntry, type Found } from './admit.js';
import { answerOf, beginCatchUp, stepCatchUp, type CatchUp } from './catch-up.js';
import { damagedLedger } from './damaged-ledger.js';
import type { Effect, LedgerEvent, Next } from './effects.js';
import type { Entry, NewEntry } from './entry.js';
import { linesOf, mostGroupBytes, takeLines, type JournalPart } from './journal-part.js';
import { hasTombstones, nothingButLive, watermarkOf, type Known } from './known.js';
import { acknowledgedName, fileOfBegunLedger, journalName, keyName, liveName, newName } from './layout.js';
import { formatLive, type Live, type LiveTable } from './live-file.js';

export type Wanted =
  | Lines
  /** Entries from here on go into another journal, so that a compaction can take those before. */
  | { readonly seal: true }
  /** The table takes the place of all tables but so many of the oldest, and of the journals up to this number. */
  | { readonly swap: LiveTable; readonly kept: number; readonly through: number };

type Lines =
  | { readonly append: readonly NewEntry[] }
  /** A user with this mark is to be forgotten. */
  | { readonly forget: string; readonly atMs: number };

export type Outcome =
  /** Durable. */
  | { readonly added: readonly AddedEntry[] }
  | { readonly watermark: number }
  /** Another process held the lock for too long. */
  | { readonly busy: true }
  | { readonly error: unknown };

export interface Append {
  readonly phase: 'start' | 'locking' | 'catching-up' | Holding | 'taking-back' | 'unlocking' | 'done';
  readonly wanted: Wanted;
  readonly known: Known;
  /** Should there be none yet. undefined: then none is begun. */
  readonly newLedger: NewLedger | undefined;
  readonly catchUp: CatchUp;
  /** What is being written, and its bytes. */
  readonly admitted: readonly Entry[];
  readonly newBytes: number;
  /** Whether it has replaced live.json by what is wanted: before that it may have its files checked. */
  readonly hasReplaced: boolean;
  /** What is known when it is over. */
  readonly outcome: Outcome | undefined;
}

/** What it does while it holds the lock. */
type Holding = 'listing' | 'replacing-live' | 'naming' | 'settling' | 'finding' | 'writing' | 'acknowledging';

/** What a ledger begins with: an id of 16 random hex digits, and 32 random bytes. */
export interface NewLedger {
  readonly ledger: string;
  readonly key: Buffer;
}

export function beginAppend(wanted: Wanted, known: Known, newLedger: NewLedger | undefined): Append {
  const catchUp = beginCatchUp(known);
  const admitted: readonly Entry[] = [];
  return {
    ...{ phase: 'start', wanted, known, newLedger, catchUp, admitted },
    ...{ newBytes: 0, hasReplaced: false, outcome: undefined },
  };
}

export function stepAppend(state: Append, event: LedgerEvent): Next<Append> {
  switch (state.phase) {
    case 'start':
      return {
        state: { ...state, phase: 'locking' },
        effects: [{ do: 'lock', lock: 'append', waits: true }],
      };
    case 'locking': {
      if (event.kind === 'failed') return end({ ...state, outcome: { error: event.error } });
      const answer = answerOf(event);
      return answer.of === 'lock' && answer.held
        ? catchUp(state)
        : end({ ...state, outcome: { busy: true } });
    }
    case 'taking-back':
      // Where it could not be taken back the lines may be seen: they were not acknowledged, and do no harm.
      return unlock(state);
    case 'unlocking':
    case 'done':
      return end(state);
    default:
      return stepHolding(state, event);
  }
}

/** Whatever goes wrong while the lock is held, it is given back. */
function stepHolding(state: Append, event: LedgerEvent): Next<Append> {
  try {
    return afterHolding(state, event);
  } catch (error) {
    // What was being read is not known for sure. Lines that are durable are not taken back: they may be there as acknowledged.
    const isUnsure = state.phase === 'catching-up' || state.phase === 'acknowledging';
    const known = isUnsure ? nothingButLive(state.known) : state.known;
    const failed: Append = { ...state, known, outcome: { error } };
    if (state.phase !== 'writing') return unlock(failed);
    const last = state.known.parts.at(-1)!;
    const cut: Effect = { do: 'cut', file: journalName(last.number), bytes: last.end + 1 };
    return { state: { ...failed, phase: 'taking-back' }, effects: [cut] };
  }
}

function afterHolding(state: Append, event: LedgerEvent): Next<Append> {
  if (state.phase === 'catching-up') return afterCatchUp(state, stepCatchUp(state.catchUp, event));
  const answer = answerOf(event);
  if (answer.of === 'names' && state.newLedger !== undefined)
    return create(state, answer.bytes, state.newLedger);
  if (answer.of === 'users' && 'append' in state.wanted) return write(state, state.wanted, answer);
  if (state.phase === 'replacing-live') return catchUp({ ...state, hasReplaced: !isUnchecked(state.known) });
  if (state.phase === 'naming') return goOn(named(state));
  if (state.phase === 'settling') return goOn({ ...state, known: settled(state.known) });
  if (state.phase === 'writing') {
    const seq = watermarkOf(state.known) + ('append' in state.wanted ? state.admitted.length : 1);
    return { state: { ...state, phase: 'acknowledging' }, effects: acknowledging(state.known, seq) };
  }
  return unlock(acknowledge(state));
}

function catchUp(state: Append): Next<Append> {
  return afterCatchUp(state, stepCatchUp(beginCatchUp(state.known), { kind: 'begin' }));
}

function afterCatchUp(state: Append, next: Next<CatchUp>): Next<Append> {
  const { known } = next.state;
  const caught: Append = { ...state, phase: 'catching-up', catchUp: next.state, known };
  if (next.effects.length > 0) return { state: caught, effects: next.effects };
  // Whoever replaced live.json may have been killed before the new name was durable.
  return goOn(state.hasReplaced ? named(caught) : caught);
}

/** What is next to do where all is known. */
function goOn(state: Append): Next<Append> {
  const { wanted, known, hasReplaced, newLedger } = state;
  const last = known.parts.at(-1);
  if (known.live === undefined || last === undefined) {
    if (newLedger === undefined) return unlock({ ...state, outcome: { watermark: 0 } });
    return { state: { ...state, phase: 'listing' }, effects: [{ do: 'list' }] };
  }
  // Whoever replaced live.json may have been killed before its name was durable.
  if (known.durableStamp !== known.stamp)
    return { state: { ...state, phase: 'naming' }, effects: [{ do: 'sync-names' }] };
  if (isUnchecked(known)) return upgrade(state, known.live);
  if ('swap' in wanted) {
    if (hasReplaced) return unlock({ ...state, outcome: { watermark: watermarkOf(known) } });
    const journals = known.live.journals.filter(({ number }) => number > wanted.through);
    const { generation } = wanted.swap;
    const tables = [...known.live.tables.slice(0, wanted.kept), wanted.swap];
    return replaceLive(state, [], { ...known.live, generation, tables, journals });
  }
  if ('seal' in wanted && (hasReplaced || last.numLines + last.rest === 0))
    return unlock({ ...state, outcome: { watermark: watermarkOf(known) } });
  if ('seal' in wanted || last.rest > 0) return seal(state, last, known.live);
  if ('forget' in wanted) return write(state, wanted, { entries: new Map(), marks: new Map() });
  const users = [...new Set(wanted.append.map(({ user }) => user))];
  const marks = hasTombstones(known);
  return { state: { ...state, phase: 'finding' }, effects: [{ do: 'find', users, marks }] };
}

/** Begins a ledger. Files without a live.json are those of a ledger that has lost it. */
function create(state: Append, bytes: ReadonlyMap<string, number>, { ledger, key }: NewLedger): Next<Append> {
  const found = fileOfBegunLedger(bytes);
  if (found !== undefined) throw damagedLedger(liveName, `it is missing, and ${found} is there`);
  const live: Live = {
    ...{ ledger, generation: 0, key: hash('sha256', key), tables: [] },
    journals: [{ number: 1, bytes: null }],
  };
  const effects: Effect[] = [
    { do: 'share' },
    ...replacing(keyName, key),
    ...replacing(acknowledgedName, newAcknowledged(ledger)),
    { do: 'create', file: journalName(1) },
  ];
  return replaceLive(state, effects, live);
}

/** Whether a ledger is there that says nothing yet of its key, or of what was acknowledged. */
const isUnchecked = ({ live, hasAcknowledged }: Known): boolean => live !== undefined && !hasAcknowledged;

/** A ledger of an earlier version has its key and what is acknowledged checked from now on, and is shared as its root is. */
function upgrade(state: Append, live: Live): Next<Append> {
  const { key } = state.known;
  if (key === undefined) throw damagedLedger(keyName, 'it is missing');
  const shared: Effect[] = live.key === undefined ? [{ do: 'share' }] : [];
  const effects = [...shared, ...replacing(acknowledgedName, newAcknowledged(live.ledger))];
  return replaceLive(state, effects, { ...live, key });
}

/** What stands in the journal has to be durable before another one follows it. */
function seal(state: Append, last: JournalPart, live: Live): Next<Append> {
  if (last.unsettled.length > 0) return settle(state, last);
  const number = last.number + 1;
  const journals = [
    ...live.journals.slice(0, -1),
    { number: last.number, bytes: last.end, watermark: last.seq },
    { number, bytes: null },
  ];
  return replaceLive(state, [{ do: 'create', file: journalName(number) }], { ...live, journals });
}

function settle(state: Append, last: JournalPart): Next<Append> {
  const effects = [...writing(last, last.unsettled), ...acknowledging(state.known, last.seq)];
  return { state: { ...state, phase: 'settling' }, effects };
}

/** New files first, with their names; then the one that names them. */
function replaceLive(state: Append, before: readonly Effect[], live: Live): Next<Append> {
  const effects: Effect[] = [
    ...before,
    { do: 'sync-names' },
    ...replacing(liveName, Buffer.from(formatLive(live))),
    { do: 'sync-names' },
  ];
  return { state: { ...state, phase: 'replacing-live' }, effects };
}

/** Whole, or not at all. */
function replacing(name: string, bytes: Buffer): Effect[] {
  const file = newName(name);
  return [
    { do: 'create', file },
    { do: 'write', file, at: 0, bytes },
    { do: 'sync', file },
    { do: 'rename', from: file, to: name },
  ];
}

function write(state: Append, wanted: Lines, found: Found): Next<Append> {
  const { known } = state;
  const last = known.parts.at(-1)!;
  const { taken, outcomes } =
    'append' in wanted ? admit(wanted.append, known, found) : { taken: [], outcomes: [] };
  const lines = linesOf(last, 'append' in wanted ? taken : [wanted]);
  // More than one group may not be in doubt: see `mostGroupBytes`.
  if (last.unsettled.length + lines.length > mostGroupBytes && last.unsettled.length > 0)
    return settle(state, last);
  const bytes = Buffer.concat([last.unsettled, lines]);
  const outcome: Outcome = 'append' in wanted ? { added: outcomes } : { watermark: last.seq + 1 };
  const effects = writing(last, bytes);
  const next: Append = { ...state, phase: 'writing', admitted: taken, newBytes: lines.length, outcome };
  return effects.length === 0 ? unlock(next) : { state: next, effects };
}

/** Writes the bytes over the journal's last ones, as far as those are in doubt, and makes them durable. */
function writing(part: JournalPart, bytes: Buffer): Effect[] {
  const file = journalName(part.number);
  if (bytes.length === 0) return [];
  return [
    { do: 'write', file, at: part.end - part.unsettled.length, bytes },
    { do: 'sync', file },
  ];
}

/** Lines up to a seq are durable, and are about to be acknowledged. */
function acknowledging({ live }: Known, seq: number): Effect[] {
  return [
    { do: 'acknowledge', ledger: live?.ledger ?? '', seq },
    { do: 'sync', file: acknowledgedName },
  ];
}

function acknowledge(state: Append): Append {
  const { wanted, admitted, newBytes } = state;
  const known = settled(state.known);
  takeLines(known.parts.at(-1)!, 'forget' in wanted ? [wanted] : admitted, newBytes);
  return { ...state, known: { ...known, acknowledged: watermarkOf(known) } };
}

/** The live.json that was read has its name for good. */
function named(state: Append): Append {
  return { ...state, known: { ...state.known, durableStamp: state.known.stamp } };
}

function settled(known: Known): Known {
  known.parts.at(-1)!.unsettled = Buffer.alloc(0);
  return known;
}

function unlock(state: Append): Next<Append> {
  return { state: { ...state, phase: 'unlocking' }, effects: [{ do: 'unlock', lock: 'append' }] };
}

function end(state: Append): Next<Append> {
  return { state: { ...state, phase: 'done' }, effects: [] };
}
