/**
 * Seeing what others wrote, as a state machine: of a reader before every answer, and of a writer under the lock before it
 * changes anything.
 *
 * live.json is read before the files that it names. Those can be gone by then, where a compaction ended meanwhile: then it
 * is read again. A journal only grows until live.json says where it ends, and never shrinks below a line that was durable.
 */
import { readAcknowledged } from './acknowledged-file.js';
import { damagedLedger, lostEntries } from './damaged-ledger.js';
import type { Answer, Effect, LedgerEvent, LiveAnswer, Next } from './effects.js';
import { newPart, takeBytes, type JournalPart } from './journal-part.js';
import { journalName, keyName, liveName } from './layout.js';
import { watermarkOf, type Known } from './known.js';
import { parseLive, type Live } from './live-file.js';

export interface CatchUp {
  readonly phase: 'start' | 'looking' | 'reading-live' | 'opening-tables' | 'reading-journal' | 'done';
  readonly known: Known;
  /** Which of the parts is being read. */
  readonly part: number;
  /** How often a file was gone. */
  readonly tries: number;
}

/** A compaction takes longer than reading live.json by far: files that are gone so often will not come back. */
const mostTries = 20;

export function beginCatchUp(known: Known): CatchUp {
  return { phase: 'start', known, part: 0, tries: 0 };
}

/** Throws AppErrors 'damaged-ledger', 'newer-format', and whatever error the event has. */
export function stepCatchUp(state: CatchUp, event: LedgerEvent): Next<CatchUp> {
  const { known } = state;
  if (state.phase === 'start') {
    const last = known.parts.at(-1);
    const journal = last === undefined ? undefined : journalName(last.number);
    return { state: { ...state, phase: 'looking' }, effects: [{ do: 'look', journal }] };
  }
  const answer = answerOf(event);
  if (answer.of === 'looked') return afterLook(state, answer.stamp, answer.journalBytes);
  if (answer.of === 'live') return readNext({ ...state, known: knownBy(known, answer) });
  if (answer.of === 'tables') return readNext({ ...state, known: { ...known, tables: answer.heads } });
  if (answer.of === 'journal') return afterJournal(state, answer.bytes);
  if (answer.of !== 'missing') throw new Error(`the answer to reading is ${answer.of}`);
  if (state.phase === 'reading-live') {
    if (known.live === undefined) return done(state);
    throw damagedLedger(liveName, 'it is not there any more');
  }
  if (state.tries < mostTries) return readLive({ ...state, tries: state.tries + 1 });
  throw damagedLedger(liveName, 'a file that it names is not there');
}

function afterLook(
  state: CatchUp,
  stamp: string | undefined,
  journalBytes: number | undefined,
): Next<CatchUp> {
  const { known } = state;
  const last = known.parts.at(-1);
  if (stamp === undefined && known.live === undefined) return done(state);
  if (stamp !== known.stamp || last === undefined) return readLive(state);
  if (journalBytes === last.end + last.rest) return done(state);
  if (journalBytes !== undefined && journalBytes > last.end)
    return readNext({ ...state, part: known.parts.length - 1 });
  // Lines that were seen are gone: they were never acknowledged, and whoever failed to write them took them back. Or another
  // file has its name: that counts.
  return readLive({ ...state, known: { ...known, parts: known.parts.slice(0, -1) } });
}

function readLive(state: CatchUp): Next<CatchUp> {
  return { state: { ...state, phase: 'reading-live', part: 0 }, effects: [{ do: 'read-live' }] };
}

/**
 * What stays known where another live.json is read: its tables, and journals that are live and end no earlier. What was
 * acknowledged before it was read is in what it names.
 */
function knownBy(known: Known, answer: LiveAnswer): Known {
  const { key, stamp } = answer;
  const live = parseLive(answer.text);
  if (known.live !== undefined && known.live.ledger !== live.ledger)
    throw damagedLedger(liveName, `it is that of another ledger, ${live.ledger}`);
  const namesOf = ({ tables }: Live): string => tables.map(({ generation }) => generation).join();
  const isSame = known.live !== undefined && namesOf(known.live) === namesOf(live);
  const tables = isSame ? known.tables : [];
  const parts: JournalPart[] = [];
  for (const { number, bytes } of live.journals) {
    const part = known.parts.find((each) => each.number === number);
    if (part === undefined || (bytes !== null && part.end > bytes)) break;
    parts.push(part);
  }
  const isChecked = live.key !== undefined;
  if (isChecked && key !== live.key)
    throw damagedLedger(keyName, key === undefined ? 'it is missing' : `it is not the one of ${liveName}`);
  const hasAcknowledged = isChecked && answer.acknowledged !== undefined;
  const seq = hasAcknowledged ? readAcknowledged(answer.acknowledged, live.ledger).seq : 0;
  const acknowledged = Math.max(known.acknowledged, seq);
  return { ...known, live, stamp, key, hasAcknowledged, acknowledged, tables, parts };
}

/** Opens the tables, or else reads of the parts, from `state.part` on, the first that has not been read as far as it goes. */
function readNext(state: CatchUp): Next<CatchUp> {
  const { live, tables, parts } = state.known;
  if (live === undefined) return done(state);
  if (tables.length < live.tables.length) {
    const effect: Effect = { do: 'open-tables', tables: live.tables };
    return { state: { ...state, phase: 'opening-tables' }, effects: [effect] };
  }
  for (let at = state.part; at < live.journals.length; at++) {
    const { number, bytes } = live.journals[at]!;
    const part = parts[at];
    if (part?.end === bytes) continue;
    const before = at === 0 ? (tables.at(-1)?.watermark ?? 0) : parts[at - 1]!.seq;
    const known =
      part === undefined ? { ...state.known, parts: [...parts, newPart(number, before)] } : state.known;
    const effect: Effect = { do: 'read-journal', name: journalName(number), from: part?.end ?? 0, to: bytes };
    return { state: { ...state, phase: 'reading-journal', known, part: at }, effects: [effect] };
  }
  return done(state);
}

function afterJournal(state: CatchUp, bytes: Buffer): Next<CatchUp> {
  const { live, parts } = state.known;
  const part = parts[state.part]!;
  const { bytes: sealed = null, watermark = part.seq } = live?.journals[state.part] ?? {};
  takeBytes(part, bytes, sealed !== null);
  if (sealed !== null && part.end !== sealed)
    throw damagedLedger(journalName(part.number), `it has ${part.end} bytes, ${sealed} are wanted`);
  if (sealed !== null && part.seq !== watermark)
    throw lostEntries(journalName(part.number), part.seq, watermark);
  return readNext({ ...state, part: state.part + 1 });
}

function done(state: CatchUp): Next<CatchUp> {
  const { live, parts, acknowledged } = state.known;
  const watermark = watermarkOf(state.known);
  if (live !== undefined && watermark < acknowledged)
    throw lostEntries(journalName(parts.at(-1)?.number ?? 0), watermark, acknowledged);
  return { state: { ...state, phase: 'done' }, effects: [] };
}

/** The answer that an event brings; throws the error of what failed. */
export function answerOf(event: LedgerEvent): Answer {
  if (event.kind === 'failed') throw event.error;
  return event.kind === 'begin' ? { of: 'done' } : event.answer;
}
