/**
 * A world for the follower's step: sources, a disk, a clock that jumps, snapshots that are published, and crashes between any two
 * things that happen. Everything follows from a seed.
 */
import type { NewEntry } from '#dist/core/ledger/entry.js';
import type { SourceEvent } from '#dist/core/realtime/source.js';
import {
  placeOf,
  startFollowing,
  step,
  type DeadLetter,
  type FollowEffect,
  type FollowEvent,
  type FollowNote,
  type FollowState,
  type StoredOutcome,
  type Touched,
} from '#dist/core/realtime/step.js';
import { FilesWorld, widthOfMarks, type FileBug } from './follower-files.js';
import { MemoryLedger } from './memory-ledger.js';

/** Each is a mistake that the simulation has to find. */
export const plantedBugs = [
  'the position is stored before the effect',
  'a position is skipped',
  'ids are forgotten at a restart',
  'positions are forgotten at a restart',
  'progress is noted before the lines are printed',
  'progress is noted before the events are stored',
  'dead letters are written after the positions',
  'dead letters are forgotten at a restart',
  'the last event of a group is lost',
  'users whose lines were lost are not printed again',
  'a line mixes two bases',
  'a new snapshot is noted before everyone has its basis',
  'everyone is taken for printed after the first part',
  'a lost note is taken for a whole one',
  'vectors are made before the events are stored',
  'older events are taken',
  'events of the future are taken',
  'a full follower goes on reading',
  'what was refused is taken for stored',
] as const;
export type PlantedBug = (typeof plantedBugs)[number];

interface Line {
  readonly user: string;
  readonly snapshot: string;
  readonly basis: string;
  readonly knows: string;
}

class Crash extends Error {}

const dayMs = 86_400_000;
const startMs = Date.UTC(2024, 5, 1);
const users = ['ann', 'bob', 'cy', 'dee', 'eve'];
const settings = { everyMs: 100, dedupeForMs: 30 * dayMs, mostHeld: 12, maxLagMs: 500 };

/** Runs a world to its end. @param from where its events come @returns what was broken, or undefined */
export function simulate(
  seed: number,
  from: 'memory' | 'files',
  bug?: PlantedBug | FileBug,
): string | undefined {
  return new World(seed, from, bug).run();
}

class World {
  readonly #bug: PlantedBug | FileBug | undefined;
  readonly #files: FilesWorld | undefined;
  #random: number;
  #nowMs = startMs;
  #uptimeMs = 0;
  readonly #partitions = new Map<string, readonly SourceEvent[]>();
  #crashesLeft: number;

  // The disk.
  readonly #ledger = new MemoryLedger();
  readonly #letters: DeadLetter[] = [];
  #note: FollowNote | undefined;
  #durableNote: FollowNote | undefined;

  // The program.
  #state!: FollowState;
  #effects: FollowEffect[] = [];
  #at = new Map<string, number>();
  #sweepAt = 0;
  #storedAtStart: ReadonlyMap<string, number> = new Map();
  #lettersDue: readonly DeadLetter[] = [];
  #printable = new Map<string, string>();

  #snapshot = 's0';
  readonly #lines: Line[] = [];
  #broken: string | undefined;

  constructor(seed: number, from: 'memory' | 'files', bug: PlantedBug | FileBug | undefined) {
    this.#bug = bug;
    this.#random = (seed * 2_654_435_761 + 1) >>> 0;
    this.#crashesLeft = this.#below(8);
    if (from === 'files') {
      const makeLine = (item: string): string => this.#lineOfFile(item);
      this.#files = new FilesWorld((n) => this.#below(n), makeLine, bug as FileBug | undefined);
      this.#files.isStored = (item) => this.#ledger.has(item);
      return;
    }
    const sent: string[] = [];
    for (const name of ['p0', 'p1'].slice(0, 1 + this.#below(2))) {
      const count = this.#below(60);
      this.#partitions.set(
        name,
        Array.from({ length: count }, (_, n) => ({ offset: (n + 1) * 10, ...this.#line(sent) })),
      );
    }
  }

  run(): string | undefined {
    this.#start();
    const isOver = (): boolean => this.#state.isFinished && this.#files?.isOpen !== true;
    for (let turn = 0; turn < 20_000 && !isOver(); turn++) {
      try {
        if (this.#state.isFinished) this.#again(this.#files!);
        else this.#turn();
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        this.#start();
      }
      if (this.#broken !== undefined) return this.#broken;
    }
    return this.#state.isFinished ? this.#check() : 'it does not end';
  }

  /** What is read once is read again, after more was written. */
  #again(files: FilesWorld): void {
    for (const effect of this.#effects.splice(0)) this.#do(effect);
    files.turn();
    if (!files.isOpen || this.#below(4) === 0) this.#start();
  }

  #below(n: number): number {
    // xorshift32
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    this.#random >>>= 0;
    return this.#random % n;
  }

  #is(bug: PlantedBug | FileBug): boolean {
    return this.#bug === bug;
  }

  #line(sent: string[]): Omit<SourceEvent, 'offset'> {
    const kind = this.#below(12);
    if (kind === 0) return { text: '{"user": "ann", "item"' };
    if (kind === 1) return { text: 'x', problem: 'is longer than 65536 bytes' };
    if (kind === 2 && sent.length > 0) return { text: sent[this.#below(sent.length)]! };
    const event = {
      user: users[this.#below(users.length)],
      item: `i${this.#below(9)}`,
      type: ['play', 'like', 'dislike', 'ban', 'unban', 'skip'][this.#below(6)],
      at: new Date(
        startMs + (kind === 3 ? -400 : kind === 4 ? 400 : -5 - this.#below(15)) * dayMs + this.#below(1000),
      ).toISOString(),
    };
    // Without an id plays that repeat are plays: only one with an id may be sent again.
    if (kind < 8) return { text: JSON.stringify(event) };
    const text = JSON.stringify({ ...event, id: `id${sent.length}` });
    sent.push(text);
    return { text };
  }

  /** One that is named by its place, or no event. */
  #lineOfFile(item: string): string {
    if (this.#below(6) === 0) return `x${item}`;
    const at = new Date(startMs - 5 * dayMs + this.#below(1000)).toISOString();
    return JSON.stringify({ user: users[this.#below(users.length)], item, at });
  }

  #start(): void {
    this.#effects = [];
    this.#sweepAt = 0;
    this.#lettersDue = [];
    if (this.#is('ids are forgotten at a restart')) this.#ledger.forgetIds();
    const isForgetful = this.#is('positions are forgotten at a restart');
    if (isForgetful) this.#ledger.positions.clear();
    const stored = new Map(this.#ledger.positions);
    this.#storedAtStart = stored;
    const buried = this.#is('dead letters are forgotten at a restart') ? [] : this.#letters;
    let noted = this.#note;
    const from = this.#is('what was refused is taken for stored')
      ? stored
      : (noted?.done ?? new Map<string, number>());
    if (noted === undefined && stored.size > 0 && this.#is('a lost note is taken for a whole one'))
      noted = { done: stored, marks: new Map(), snapshot: this.#snapshot };
    this.#state = startFollowing(
      {
        ...settings,
        ...(this.#files === undefined ? {} : { markBytes: widthOfMarks }),
        ...(this.#is('older events are taken') ? { dedupeForMs: Infinity } : {}),
      },
      {
        stored,
        buried: new Set(
          buried
            .filter(({ partition, offset }) => offset > (from.get(partition) ?? 0))
            .map(({ partition, offset }) => placeOf(partition, offset)),
        ),
        noted,
      },
      this.#snapshot,
    );
    this.#at = new Map(
      [...this.#partitions.keys()].map((name) => [name, this.#state.note.done.get(name) ?? 0]),
    );
    const { done, marks } = this.#state.note;
    const known = [...stored.keys()].map((partition) => [partition, 0] as const);
    this.#files?.start({ known: new Map([...known, ...done]), stored, marks });
  }

  #crashMaybe(): void {
    if (this.#crashesLeft === 0 || this.#below(12) > 0) return;
    this.#crashesLeft -= 1;
    // A note is not synced: a power cut may take it.
    if (this.#below(4) === 0) this.#note = this.#durableNote;
    throw new Crash();
  }

  #tell(event: FollowEvent): void {
    const { state, effects } = step(this.#state, event);
    this.#state = state;
    this.#effects.push(...effects);
    const most = settings.mostHeld + (this.#files === undefined ? 5 : 100);
    if (state.waiting.count > most) this.#broken = `${state.waiting.count} events are held`;
  }

  #turn(): void {
    this.#crashMaybe();
    this.#uptimeMs += this.#below(80);
    this.#nowMs += this.#below(50) === 0 ? (this.#below(2000) - 1000) * 1000 : this.#below(80);
    const choice = this.#below(10);
    if (choice < 3) this.#arrive();
    else if (choice === 3) this.#tell({ kind: 'tick', uptimeMs: this.#uptimeMs });
    else if (choice === 4 && this.#below(6) === 0 && this.#snapshot.length < 5) this.#publish();
    else {
      const effect = this.#effects.shift();
      if (effect !== undefined) this.#do(effect);
    }
  }

  #arrive(): void {
    if (this.#state.isFull && !this.#is('a full follower goes on reading')) return;
    if (this.#files !== undefined) {
      this.#files.turn();
      const at = (name: string): number => this.#at.get(name) ?? this.#state.note.done.get(name) ?? 0;
      const got = this.#files.poll(at);
      if (got === 'ended') this.#tell({ kind: 'ended' });
      else if (got !== undefined) this.#arrived(got.partition, got.events);
      return;
    }
    const names = [...this.#partitions.keys()];
    const partition = names[this.#below(names.length)]!;
    const after = this.#at.get(partition)!;
    const left = this.#partitions.get(partition)!.filter(({ offset }) => offset > after);
    const events = left.slice(0, 1 + this.#below(5)).map((event) => this.#softened(event));
    if (events.length === 0) {
      const isOver = names.every(
        (name) => (this.#partitions.get(name)!.at(-1)?.offset ?? 0) <= this.#at.get(name)!,
      );
      if (isOver && this.#below(3) === 0) this.#tell({ kind: 'ended' });
      return;
    }
    this.#arrived(partition, events);
  }

  #arrived(partition: string, events: readonly SourceEvent[]): void {
    this.#at.set(partition, events.at(-1)!.offset);
    this.#tell({ kind: 'arrived', partition, events, nowMs: this.#nowMs, uptimeMs: this.#uptimeMs });
  }

  #softened(event: SourceEvent): SourceEvent {
    if (!this.#is('events of the future are taken')) return event;
    return { ...event, text: event.text.replace(/"at":"2025-..-../, '"at":"2024-05-20') };
  }

  #publish(): void {
    this.#snapshot = `s${Number(this.#snapshot.slice(1)) + 1}`;
    if (this.#is('a new snapshot is noted before everyone has its basis'))
      this.#note = { done: new Map(), marks: new Map(), ...this.#note, snapshot: this.#snapshot };
    this.#tell({ kind: 'published', snapshot: this.#snapshot });
  }

  #do(effect: FollowEffect): void {
    switch (effect.kind) {
      case 'bury': {
        this.#bury(effect.letters);
        return;
      }
      case 'store': {
        this.#store(effect.entries);
        return;
      }
      case 'print': {
        this.#print(effect.users);
        return;
      }
      case 'sweep': {
        this.#sweep(effect.fromStart);
        return;
      }
      case 'mark': {
        this.#mark(effect.marks);
        return;
      }
      case 'note': {
        const { done } = effect.note;
        this.#note = effect.note;
        if (this.#is('a position is skipped'))
          this.#note = { ...effect.note, done: new Map([...done].map(([name, at]) => [name, at + 10])) };
        return;
      }
      case 'late':
      case 'finish':
        return;
    }
  }

  #mark(marks: FollowNote['marks']): void {
    if (this.#is('what is known of a file is not noted before its lines are stored')) return;
    const { snapshot } = this.#state;
    this.#note = { ...(this.#note ?? { done: new Map(), snapshot }), marks };
    if (this.#is('a file that was found is noted as read')) {
      const done = [...marks].map(([name, { offset }]) => [name, offset] as const);
      this.#note = { ...this.#note, done: new Map(done) };
    }
    if (!this.#is('what is known of a file is lost in a power cut')) this.#durableNote = this.#note;
    this.#crashMaybe();
  }

  #bury(letters: readonly DeadLetter[]): void {
    if (this.#is('dead letters are written after the positions')) this.#lettersDue = letters;
    else {
      for (const letter of letters) {
        this.#crashMaybe();
        this.#letters.push(letter);
      }
    }
    this.#crashMaybe();
    this.#tell({ kind: 'buried' });
  }

  #store(entries: readonly NewEntry[]): void {
    if (this.#is('vectors are made before the events are stored')) this.#remember(entries);
    if (this.#is('progress is noted before the events are stored')) this.#noteGroup();
    this.#crashMaybe();
    let kept = entries;
    if (this.#is('the last event of a group is lost') && entries.length > 2) kept = entries.slice(0, -1);
    const outcomes: StoredOutcome[] = [];
    if (this.#is('the position is stored before the effect')) {
      for (const { position } of kept) this.#ledger.positions.set(position!.partition, position!.offset);
      this.#crashMaybe();
      for (const { position: _, ...entry } of kept) outcomes.push(...this.#ledger.add([entry]));
    } else {
      // One durable write: all of it, or nothing.
      outcomes.push(...this.#ledger.add(kept));
    }
    this.#crashMaybe();
    this.#letters.push(...this.#lettersDue);
    this.#lettersDue = [];
    this.#tell({ kind: 'stored', outcomes: entries.map((_, at) => outcomes[at] ?? 'added') });
  }

  #remember(entries: readonly NewEntry[]): void {
    this.#printable = new Map(entries.map(({ user }) => [user, this.#ledger.of(user)]));
  }

  #noteGroup(): void {
    const { group, note } = this.#state;
    this.#note = { ...note, done: new Map([...note.done, ...(group?.upTo ?? [])]) };
  }

  #print(touched: readonly Touched[]): void {
    if (this.#is('progress is noted before the lines are printed')) this.#noteGroup();
    const isDeaf = this.#is('users whose lines were lost are not printed again');
    const snapshot = this.#snapshot;
    for (const { user, partition, offset } of touched) {
      this.#crashMaybe();
      if (isDeaf && offset <= (this.#storedAtStart.get(partition) ?? 0)) continue;
      if (this.#below(10) === 0 && this.#snapshot.length < 5 && this.#bug !== undefined) this.#publish();
      this.#say(user, snapshot);
    }
    this.#crashMaybe();
    this.#tell({ kind: 'printed', uptimeMs: this.#uptimeMs });
  }

  #say(user: string, snapshot: string): void {
    const basis = this.#is('a line mixes two bases') ? this.#snapshot : snapshot;
    const knows = this.#printable.get(user) ?? this.#ledger.of(user);
    if (knows === '') this.#broken = `a line is printed of ${user}, of whom nothing is known`;
    this.#printable.delete(user);
    this.#lines.push({ user, snapshot, basis, knows });
    if (basis !== snapshot) this.#broken = `a line of ${snapshot} is in the basis of ${basis}`;
  }

  #sweep(fromStart: boolean): void {
    if (fromStart) this.#sweepAt = 0;
    const all = this.#ledger.users();
    const snapshot = this.#snapshot;
    for (const user of all.slice(this.#sweepAt, this.#sweepAt + 2)) {
      this.#crashMaybe();
      this.#say(user, snapshot);
    }
    this.#sweepAt += 2;
    const isHasty = this.#is('everyone is taken for printed after the first part');
    this.#crashMaybe();
    this.#tell({ kind: 'swept', isWhole: isHasty || this.#sweepAt >= all.length });
  }

  /** What a run without a crash would have done, by other means. */
  #check(): string | undefined {
    return this.#files === undefined ? this.#checkAll() : this.#checkFiles(this.#files);
  }

  #checkFiles(files: FilesWorld): string | undefined {
    const items = this.#ledger.users().flatMap((user) => this.#ledger.of(user).split('; '));
    const lines = this.#letters.map(({ line }) => line.slice(1));
    const counts = new Map<string, number>();
    for (const item of [...items.map((entry) => entry.split(' ')[2]!), ...lines])
      counts.set(item, (counts.get(item) ?? 0) + 1);
    return files.check(counts);
  }

  #checkAll(): string | undefined {
    const expected = new Map<string, Set<string>>();
    const bad: string[] = [];
    for (const [partition, events] of this.#partitions) {
      for (const { offset, text, problem } of events) {
        const event = problem === undefined && text.endsWith('}') ? parsed(text) : undefined;
        const age = event === undefined ? 0 : (startMs - Date.parse(event.at)) / dayMs;
        if (event === undefined || age > 300 || age < -300) {
          bad.push(placeOf(partition, offset));
          continue;
        }
        const own = expected.get(event.user) ?? new Set<string>();
        expected.set(event.user, own);
        own.add(
          `${event.id ?? placeOf(partition, offset)} ${event.type} ${event.item} ${Date.parse(event.at)}`,
        );
      }
    }
    const letters = this.#letters.map(({ partition, offset }) => placeOf(partition, offset));
    if (letters.toSorted().join() !== bad.toSorted().join())
      return `dead letters ${letters.join()}; ${bad.join()} are wanted`;
    if (this.#ledger.users().join() !== [...expected.keys()].toSorted().join())
      return `users ${this.#ledger.users().join()} are known`;
    for (const [user, own] of expected) {
      const wanted = [...own].toSorted().join('; ');
      if (this.#ledger.of(user) !== wanted)
        return `of ${user} ${this.#ledger.of(user)} is known; ${wanted} is wanted`;
      const last = this.#lines.findLast((line) => line.user === user);
      if (last?.knows !== wanted)
        return `the last line of ${user} knows ${last?.knows ?? 'nothing'}; ${wanted}`;
      if (last.snapshot !== this.#snapshot) return `${user} stays in ${last.snapshot}`;
    }
    return undefined;
  }
}

interface SentEvent {
  readonly id?: string;
  readonly user: string;
  readonly item: string;
  readonly type: string;
  readonly at: string;
}

function parsed(text: string): SentEvent {
  return JSON.parse(text) as SentEvent;
}
