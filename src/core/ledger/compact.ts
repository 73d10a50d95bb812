/**
 * Compaction, as a state machine. The journals are sealed and another begun, in which others go on; a table is written of
 * what was sealed and of tables before it; live.json names it in their place; and only then what is not named any more is removed. Killed
 * anywhere it leaves all there is in live files, and others that the next one removes.
 */
import { beginAppend, stepAppend, type Append, type Wanted } from './append.js';
import { answerOf } from './catch-up.js';
import type { Effect, LedgerEvent, Next } from './effects.js';
import { watermarkOf, type Known } from './known.js';
import { numberOf, tableName } from './layout.js';

type CompactionOutcome =
  | { readonly watermark: number }
  /** Another process compacts, or held the lock on appending for too long. */
  | { readonly busy: 'compact' | 'append' }
  | { readonly error: unknown };

export interface Compact {
  readonly phase:
    | 'start'
    | 'locking'
    | 'sealing'
    | 'building'
    | 'discarding'
    | 'swapping'
    | 'listing'
    | 'removing'
    | 'unlocking'
    | 'done';
  readonly known: Known;
  /** Whether it waits for another compaction to end. */
  readonly waits: boolean;
  /** Of sealing and swapping. */
  readonly change: Append | undefined;
  /** Whether all becomes one table; else what is new goes into the second one, and the first stays as it is. */
  readonly isWhole: boolean;
  /** How many tables stay. */
  readonly kept: number;
  /** The last journal that goes into the table. */
  readonly through: number;
  readonly outcome: CompactionOutcome | undefined;
}

/** @param waits for another compaction to end; for those that append it waits in any case */
export function beginCompact(known: Known, isWhole: boolean, waits: boolean): Compact {
  return {
    ...{ phase: 'start', known, isWhole, waits, change: undefined },
    ...{ kept: 0, through: 0, outcome: undefined },
  };
}

export function stepCompact(state: Compact, event: LedgerEvent): Next<Compact> {
  switch (state.phase) {
    case 'start':
      return {
        state: { ...state, phase: 'locking' },
        effects: [{ do: 'lock', lock: 'compact', waits: state.waits }],
      };
    case 'locking': {
      if (event.kind === 'failed') return end({ ...state, outcome: { error: event.error } });
      const answer = answerOf(event);
      return answer.of === 'lock' && answer.held
        ? begin({ ...state, phase: 'sealing' }, { seal: true })
        : end({ ...state, outcome: { busy: 'compact' } });
    }
    case 'discarding':
      return unlock(state);
    case 'unlocking':
    case 'done':
      return end(state);
    default:
      return stepHolding(state, event);
  }
}

function stepHolding(state: Compact, event: LedgerEvent): Next<Compact> {
  try {
    const { change, kept, through } = state;
    if (change !== undefined) return afterChange(state, stepAppend({ ...change, known: state.known }, event));
    const answer = answerOf(event);
    if (answer.of === 'built')
      return begin({ ...state, phase: 'swapping' }, { swap: answer.table, kept, through });
    if (answer.of === 'names') return remove(state, [...answer.bytes.keys()]);
    return unlock({ ...state, outcome: { watermark: watermarkOf(state.known) } });
  } catch (error) {
    const failed: Compact = { ...state, outcome: { error } };
    if (state.phase !== 'building' || state.known.live === undefined) return unlock(failed);
    // A part of a table takes room, on a disk that may be full.
    const file = tableName(state.known.live.generation + 1);
    return { state: { ...failed, phase: 'discarding' }, effects: [{ do: 'remove', file }] };
  }
}

function begin(state: Compact, wanted: Wanted): Next<Compact> {
  const change = beginAppend(wanted, state.known, undefined);
  return afterChange(state, stepAppend(change, { kind: 'begin' }));
}

function afterChange(state: Compact, next: Next<Append>): Next<Compact> {
  const { known, outcome } = next.state;
  if (next.effects.length > 0)
    return { state: { ...state, known, change: next.state }, effects: next.effects };
  const over: Compact = { ...state, known, change: undefined };
  if (outcome === undefined || 'error' in outcome || 'busy' in outcome)
    return unlock({
      ...over,
      outcome: outcome === undefined || 'error' in outcome ? outcome : { busy: 'append' },
    });
  if (state.phase === 'swapping') return list(over);
  return build(over);
}

function build(state: Compact): Next<Compact> {
  const { live, tables } = state.known;
  // What is appended from now on goes into the last journal.
  const parts = state.known.parts.slice(0, -1);
  // Whoever was forgotten has to be left out of the first table, too.
  const isWhole = state.isWhole || parts.some(({ tombstones }) => tombstones.length > 0);
  const kept = isWhole ? 0 : Math.min(1, tables.length);
  if (live === undefined || (parts.length === 0 && tables.length - kept < 2)) return list(state);
  const sources: Known = { ...state.known, tables: tables.slice(kept), parts };
  const effect: Effect = { do: 'build-table', generation: live.generation + 1, sources };
  const through = parts.at(-1)?.number ?? 0;
  return { state: { ...state, phase: 'building', kept, through }, effects: [effect] };
}

/** A compaction that was killed may have left files, and names that are not durable. */
function list(state: Compact): Next<Compact> {
  return { state: { ...state, phase: 'listing' }, effects: [{ do: 'sync-names' }, { do: 'list' }] };
}

function remove(state: Compact, names: readonly string[]): Next<Compact> {
  const { live } = state.known;
  const first = live?.journals[0]?.number ?? 0;
  const isLive = (table: number | undefined): boolean =>
    table === undefined || live?.tables.some(({ generation }) => generation === table) === true;
  // A journal of a higher number is one that is being begun.
  const isOver = (name: string): boolean =>
    (numberOf('journal', name) ?? Infinity) < first || !isLive(numberOf('table', name));
  // Journals in order: a reader who has one open looks whether that or the next one is there.
  const order = (name: string): number => numberOf('journal', name) ?? 0;
  const over = names.filter(isOver).sort((a, b) => order(a) - order(b));
  const effects = over.map((file): Effect => ({ do: 'remove', file }));
  if (live === undefined || effects.length === 0)
    return unlock({ ...state, outcome: { watermark: watermarkOf(state.known) } });
  return { state: { ...state, phase: 'removing' }, effects: [...effects, { do: 'sync-names' }] };
}

function unlock(state: Compact): Next<Compact> {
  const effects: Effect[] = [{ do: 'unlock', lock: 'compact' }];
  return { state: { ...state, phase: 'unlocking', change: undefined }, effects };
}

function end(state: Compact): Next<Compact> {
  return { state: { ...state, phase: 'done' }, effects: [] };
}
