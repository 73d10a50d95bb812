/**
 * The follower as a state machine: what has happened → what is to be done. Pure, so that a test drives it through any order of
 * events, crashes and clocks; follower.ts does what it says, one effect after the other.
 *
 * A group goes through three steps, each done before the next one begins: lines that are no events are written to the dead
 * letters; events and their positions are stored, in one durable write; the vectors of their users are printed. Then it is
 * noted how far that was. Killed anywhere, the next run reads on from the note: what was stored is passed over by its position,
 * and its users are printed again.
 */
import type { EventKeys } from '../events/event-keys.js';
import type { NewEntry } from '../ledger/entry.js';
import { parseEventLine } from './event-line.js';
import { markBytes, type FileMark, type SourceEvent } from './source.js';

export interface FollowSettings {
  /** What the keys of a line are; default: as `train` knows them. */
  readonly keys?: EventKeys;
  /** Events of so long are dealt with together. */
  readonly everyMs: number;
  /** Older events are not taken. */
  readonly dedupeForMs: number;
  /**
   * So many events are held at most, but for the batch that goes over it: the source waits then. A line counts again for every
   * 512 characters.
   */
  readonly mostHeld: number;
  /** A warning where lines come later than this after their events were read. */
  readonly maxLagMs: number | undefined;
  /** Default: `markBytes`. */
  readonly markBytes?: number;
}

/** What the state's files say when the follower starts. */
export interface Recovered {
  /** By partition: the highest position that was stored. */
  readonly stored: ReadonlyMap<string, number>;
  /** Places (`placeOf`) of the dead letters above what was noted. */
  readonly buried: ReadonlySet<string>;
  /** What `note` was last told; undefined where that is lost. */
  readonly noted: FollowNote | undefined;
}

export interface FollowNote {
  /** By partition: everything up to there has had all of its effects. */
  readonly done: ReadonlyMap<string, number>;
  /** By partition that is a file, in the order in which they were begun: by what it is found again. Never behind `done`. */
  readonly marks: ReadonlyMap<string, FileMark>;
  /** The snapshot in whose basis every user was printed last. */
  readonly snapshot: string | undefined;
}

/** A line that is no event, and why: kept for whoever mends it. */
export interface DeadLetter {
  readonly partition: string;
  readonly offset: number;
  readonly reason: string;
  readonly line: string;
}

/** A user whose vector may be another, and the last event of theirs in the group. */
export interface Touched {
  readonly user: string;
  readonly partition: string;
  readonly offset: number;
}

export type FollowEvent =
  | {
      readonly kind: 'arrived';
      readonly partition: string;
      readonly events: readonly SourceEvent[];
      /** What the clock says, ms since 1970 UTC. It may jump: nothing but times of events goes by it. */
      readonly nowMs: number;
      /** A clock that only rises, here and below. */
      readonly uptimeMs: number;
    }
  | { readonly kind: 'tick'; readonly uptimeMs: number }
  /** The letters of `bury` are on disk. */
  | { readonly kind: 'buried' }
  /** What became of each entry of `store`. */
  | { readonly kind: 'stored'; readonly outcomes: readonly StoredOutcome[] }
  /** The lines of `print`, or a part of all users, were taken. */
  | { readonly kind: 'printed'; readonly uptimeMs: number }
  | { readonly kind: 'swept'; readonly isWhole: boolean }
  /** Another snapshot is open, and answers from now on. */
  | { readonly kind: 'published'; readonly snapshot: string }
  /** No source has any more. */
  | { readonly kind: 'ended' };

/** `behind`: its position was stored before. `conflict`: its id has other content, and it is a dead letter. */
export type StoredOutcome = 'added' | 'repeated' | 'behind' | 'forgotten' | 'conflict';

export type FollowEffect =
  | { readonly kind: 'bury'; readonly letters: readonly DeadLetter[] }
  /** With the line of each that has an id of its own; of others '': no two have the same. */
  | { readonly kind: 'store'; readonly entries: readonly NewEntry[]; readonly lines: readonly string[] }
  | { readonly kind: 'print'; readonly users: readonly Touched[] }
  /** Print the next of all users; from the first one where it begins. */
  | { readonly kind: 'sweep'; readonly fromStart: boolean }
  /** Durably, before anything of a file is stored that could not be told from another yet. */
  | { readonly kind: 'mark'; readonly marks: FollowNote['marks'] }
  | { readonly kind: 'note'; readonly note: FollowNote }
  | { readonly kind: 'late'; readonly lagMs: number }
  | { readonly kind: 'finish' };

export interface FollowState {
  readonly settings: FollowSettings;
  readonly stored: ReadonlyMap<string, number>;
  readonly buried: ReadonlySet<string>;
  readonly note: FollowNote;
  readonly waiting: Waiting;
  /** The group that is being dealt with. */
  readonly group: Group | undefined;
  /** Whether all users have to be printed in the basis of `snapshot`; `due` from the first one on. */
  readonly sweep: 'none' | 'due' | 'begun';
  readonly isSweeping: boolean;
  /** Before, no group begins unless as much waits as may be held. */
  readonly restUntilMs: number;
  /** Of a group and a sweep neither waits for all of the other. */
  readonly next: 'group' | 'sweep';
  readonly snapshot: string;
  /** Whether it holds as much as it may: nothing more is to arrive. */
  readonly isFull: boolean;
  /** Of the last group: between the reading of its first event and its lines. */
  readonly lagMs: number | undefined;
  readonly isLate: boolean;
  readonly isEnding: boolean;
  readonly isFinished: boolean;
  readonly totals: FollowTotals;
}

export interface FollowTotals {
  readonly events: number;
  readonly deadLetters: number;
  readonly repeated: number;
  /** Lines that a filter or a profile leaves out, by what they are. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly lines: number;
}

/** What was read and is in no group yet. */
interface Waiting {
  readonly batches: readonly Batch[];
  /** As `mostHeld` counts. */
  readonly count: number;
  /** When the first of it was read. */
  readonly sinceMs: number;
}

interface Batch {
  readonly entries: readonly NewEntry[];
  /** As in `store`. */
  readonly lines: readonly string[];
  readonly letters: readonly DeadLetter[];
  /** Users of entries that were stored before, and whose lines may not have been read. */
  readonly again: readonly Touched[];
  readonly partition: string;
  /** Up to where the partition was read. */
  readonly offset: number;
  readonly mark: FileMark | undefined;
}

interface Group extends Omit<Batch, 'partition' | 'offset' | 'mark'> {
  readonly doing: 'burying' | 'storing' | 'printing';
  readonly upTo: ReadonlyMap<string, number>;
  readonly sinceMs: number;
  readonly begunMs: number;
  readonly outcomes: readonly StoredOutcome[];
}

export interface Step {
  readonly state: FollowState;
  /** In this order. */
  readonly effects: readonly FollowEffect[];
}

/** Clocks of others may be so far ahead. */
const aheadMs = 600_000;

const nothing: Waiting = { batches: [], count: 0, sinceMs: 0 };

/** @param snapshot that answers now */
export function startFollowing(
  settings: FollowSettings,
  recovered: Recovered,
  snapshot: string,
): FollowState {
  const { stored, buried, noted } = recovered;
  // Where the note is lost nobody knows whose lines were read: everyone's are printed again.
  const isFirst = stored.size === 0 && noted === undefined;
  const isCurrent = isFirst || noted?.snapshot === snapshot;
  return {
    ...{ settings, stored, buried, snapshot },
    note: {
      done: noted?.done ?? new Map(),
      marks: noted?.marks ?? new Map(),
      snapshot: isCurrent ? snapshot : noted?.snapshot,
    },
    waiting: nothing,
    group: undefined,
    sweep: isCurrent ? 'none' : 'due',
    isSweeping: false,
    restUntilMs: 0,
    next: 'group',
    isFull: false,
    lagMs: undefined,
    isLate: false,
    isEnding: false,
    isFinished: false,
    totals: { events: 0, deadLetters: 0, repeated: 0, leftOut: {}, lines: 0 },
  };
}

/** Names a place in the dead letters. */
export function placeOf(partition: string, offset: number): string {
  return `${partition}:${offset}`;
}

export function step(state: FollowState, event: FollowEvent): Step {
  switch (event.kind) {
    case 'arrived':
      return arrived(state, event);
    case 'tick':
      return goOn(state, event.uptimeMs);
    case 'buried':
      return storing(state);
    case 'stored':
      return printing(state, event.outcomes);
    case 'printed':
      return printed(state, event.uptimeMs);
    case 'swept':
      return swept(state, event.isWhole);
    case 'published':
      return published(state, event.snapshot);
    case 'ended':
      return { state: { ...state, isEnding: true }, effects: [] };
  }
}

function arrived(
  state: FollowState,
  { partition, events, nowMs, uptimeMs }: Extract<FollowEvent, { kind: 'arrived' }>,
): Step {
  const { settings, waiting } = state;
  const { batch, ignored } = read(state, partition, events, nowMs);
  const leftOut = { ...state.totals.leftOut };
  for (const what of ignored) leftOut[what] = (leftOut[what] ?? 0) + 1;
  const next: Waiting = {
    batches: [...waiting.batches, batch],
    count: events.reduce((sum, { text }) => sum + 1 + (text.length >>> 9), waiting.count),
    sinceMs: waiting.count === 0 ? uptimeMs : waiting.sinceMs,
  };
  const isFull = next.count >= settings.mostHeld;
  const totals = ignored.length === 0 ? state.totals : { ...state.totals, leftOut };
  return { state: { ...state, waiting: next, isFull, totals }, effects: [] };
}

/** What a batch says, by what was stored before; and what each line is that is left out. */
function read(
  { stored, buried, note, settings }: FollowState,
  partition: string,
  events: readonly SourceEvent[],
  nowMs: number,
): { batch: Batch; ignored: readonly string[] } {
  const entries: NewEntry[] = [];
  const lines: string[] = [];
  const letters: DeadLetter[] = [];
  const again: Touched[] = [];
  const ignored: string[] = [];
  const before = stored.get(partition) ?? 0;
  const done = note.done.get(partition) ?? 0;
  const times = { fromMs: nowMs - settings.dedupeForMs, untilMs: nowMs + aheadMs, nowMs };
  for (const event of events) {
    const { offset } = event;
    if (offset <= done || buried.has(placeOf(partition, offset))) continue;
    if (offset <= before) {
      // Taken before, whatever the clock says now.
      const anytime = { fromMs: -Infinity, untilMs: Infinity, nowMs };
      const entry = parseEventLine(event, partition, anytime, settings.keys);
      if (typeof entry === 'object' && 'user' in entry) again.push({ user: entry.user, partition, offset });
    } else {
      const entry = parseEventLine(event, partition, times, settings.keys);
      if (typeof entry === 'string') letters.push({ partition, offset, reason: entry, line: event.text });
      else if ('leftOut' in entry) ignored.push(entry.leftOut);
      else {
        entries.push(entry);
        lines.push(entry.id === placeOf(partition, offset) ? '' : event.text);
      }
    }
  }
  const last = events.at(-1);
  const read = { partition, offset: last?.offset ?? 0, mark: last?.mark };
  return { batch: { entries, lines, letters, again, ...read }, ignored };
}

/** Begins what can be begun: a group, or the next of a sweep. */
function goOn(state: FollowState, uptimeMs: number): Step {
  const { waiting, settings, group, sweep, isEnding } = state;
  if (group !== undefined || state.isSweeping || state.isFinished) return { state, effects: [] };
  const isDue =
    waiting.batches.length > 0 &&
    (isEnding || state.isFull || uptimeMs >= Math.max(waiting.sinceMs + settings.everyMs, state.restUntilMs));
  if (isDue && (sweep === 'none' || state.next === 'group')) return beginGroup(state, uptimeMs);
  if (sweep !== 'none') {
    const effect: FollowEffect = { kind: 'sweep', fromStart: sweep === 'due' };
    return { state: { ...state, sweep: 'begun', isSweeping: true, next: 'group' }, effects: [effect] };
  }
  if (isEnding) return { state: { ...state, isFinished: true }, effects: [{ kind: 'finish' }] };
  return { state, effects: [] };
}

function beginGroup(state: FollowState, uptimeMs: number): Step {
  const { waiting } = state;
  const { batches, sinceMs } = waiting;
  const upTo = new Map<string, number>();
  for (const { partition, offset } of batches) upTo.set(partition, offset);
  const group: Group = {
    doing: 'burying',
    entries: batches.flatMap(({ entries }) => entries),
    lines: batches.flatMap(({ lines }) => lines),
    letters: batches.flatMap(({ letters }) => letters),
    again: batches.flatMap(({ again }) => again),
    outcomes: [],
    ...{ upTo, sinceMs, begunMs: uptimeMs },
  };
  // A file that is longer than a mark is wide is told from any other by an earlier mark too.
  const isWeak = batches.some(
    ({ partition, mark }) =>
      mark !== undefined &&
      (state.note.marks.get(partition)?.offset ?? 0) < (state.settings.markBytes ?? markBytes),
  );
  const marks = new Map(state.note.marks);
  for (const { partition, mark } of batches) if (mark !== undefined) marks.set(partition, mark);
  const note = { ...state.note, marks };
  const begun: FollowState = { ...state, note, waiting: nothing, isFull: false, group };
  const first: FollowEffect[] = isWeak ? [{ kind: 'mark', marks }] : [];
  if (group.letters.length === 0) return withMore(first, storing(begun));
  return { state: begun, effects: [...first, { kind: 'bury', letters: group.letters }] };
}

function storing(state: FollowState): Step {
  const group = requireGroup(state, 'burying');
  const next: FollowState = { ...state, group: { ...group, doing: 'storing' } };
  if (group.entries.length === 0) return printing(next, []);
  return { state: next, effects: [{ kind: 'store', entries: group.entries, lines: group.lines }] };
}

function printing(state: FollowState, outcomes: readonly StoredOutcome[]): Step {
  const group = requireGroup(state, 'storing');
  const touched = new Map<string, Touched>();
  for (const each of group.again) touched.set(each.user, each);
  const stored = new Map(state.stored);
  group.entries.forEach(({ user, position }, at) => {
    if (position === undefined) return;
    const { partition, offset } = position;
    stored.set(partition, Math.max(offset, stored.get(partition) ?? 0));
    const outcome = outcomes[at];
    if (outcome === 'added' || outcome === 'behind') touched.set(user, { user, partition, offset });
  });
  const users = [...touched.values()];
  const numOf = (wanted: StoredOutcome): number => outcomes.filter((each) => each === wanted).length;
  const next: FollowState = {
    ...state,
    stored,
    group: { ...group, doing: 'printing', outcomes },
    totals: {
      events: state.totals.events + numOf('added'),
      repeated: state.totals.repeated + numOf('repeated'),
      deadLetters: state.totals.deadLetters + group.letters.length + numOf('conflict'),
      leftOut: state.totals.leftOut,
      lines: state.totals.lines + users.length,
    },
  };
  return { state: next, effects: [{ kind: 'print', users }] };
}

function printed(state: FollowState, uptimeMs: number): Step {
  const { upTo, sinceMs, begunMs } = requireGroup(state, 'printing');
  const note: FollowNote = { ...state.note, done: new Map([...state.note.done, ...upTo]) };
  const lagMs = uptimeMs - sinceMs;
  // The longer groups take, the more goes into one: users are printed once in each.
  const restUntilMs = uptimeMs + (uptimeMs - begunMs);
  const isLate = lagMs > (state.settings.maxLagMs ?? Infinity);
  const next: FollowState = { ...state, note, group: undefined, restUntilMs, lagMs, isLate, next: 'sweep' };
  const late: FollowEffect[] = isLate && !state.isLate ? [{ kind: 'late', lagMs }] : [];
  return withMore([{ kind: 'note', note }, ...late], goOn(next, uptimeMs));
}

function swept(state: FollowState, isWhole: boolean): Step {
  const next: FollowState = { ...state, isSweeping: false };
  // Due again: another snapshot came meanwhile.
  if (!isWhole || state.sweep !== 'begun') return { state: next, effects: [] };
  const note: FollowNote = { ...state.note, snapshot: state.snapshot };
  return { state: { ...next, sweep: 'none', note }, effects: [{ kind: 'note', note }] };
}

function published(state: FollowState, snapshot: string): Step {
  return { state: { ...state, snapshot, sweep: 'due' }, effects: [] };
}

function requireGroup({ group }: FollowState, doing: Group['doing']): Group {
  if (group?.doing !== doing) throw new Error(`no group is ${doing}`);
  return group;
}

function withMore(effects: readonly FollowEffect[], more: Step): Step {
  return { state: more.state, effects: [...effects, ...more.effects] };
}
