/** Follows a source of events: does what step.ts says, to a directory, to whoever reads the lines, and by the snapshot that is current. */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { closing, opening } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { abortError, orAborted } from '../errors.js';
import { followCurrent, type Follower } from '../publishing/follow-current.js';
import { rootPath } from '../snapshot/layout.js';
import { openForReading } from '../snapshot/open-snapshot.js';
import type { Learning } from './learning.js';
import { openFreshVectors, type FreshVectors } from './open-fresh-vectors.js';
import type { EventSource, SourceEvent, SourceStart } from './source.js';
import { openStateDirectory, type StateDirectory } from './state-directory.js';
import {
  startFollowing,
  step,
  type FollowEffect,
  type FollowEvent,
  type FollowNote,
  type FollowSettings,
  type FollowState,
  type FollowTotals,
  type Touched,
} from './step.js';

/** A line for each user whose vector may be another. */
export interface FreshVector {
  readonly user: string;
  readonly snapshot: string;
  /** The training whose items it can be compared with. */
  readonly basis: string;
  /** The last event of the user in the group; null where the vector was made again for another snapshot. */
  readonly position: { readonly partition: string; readonly offset: number } | null;
  readonly vector: readonly number[];
}

export interface FollowOptions {
  readonly root: string;
  /** Of a bundle which member; its first by default. */
  readonly as: string | undefined;
  readonly state: string;
  readonly settings: FollowSettings;
  readonly learning: Learning;
  /** What is followed, for messages. */
  readonly name: string;
  openSource(start: SourceStart): EventSource;
  /** Looks at events before they are dealt with, and throws where the first of a source can be none. */
  look?(events: readonly SourceEvent[], areFirst: boolean): Promise<void>;
  /** Lines of JSON, whole ones. Resolves when more may come. */
  write(lines: string): Promise<void>;
  /** Keeps the lines where they are lost without it: nothing is noted as done before, and all of them come again. */
  commit?(): void;
  /** An object as one line of JSON, without a line feed. */
  json(line: FreshVector): string;
}

/** Bytes of lines that are handed over at a time. */
const chunkLength = 64 << 10;
/** Users of a sweep between two groups. */
const sweepUsers = 500;
const retryMs = 100;

/**
 * Resolves when the source has ended and everything was done. AppErrors: 'busy' for a directory that another process owns, those
 * of opening a snapshot and of the ledger, of the source, and of the machine. An abort ends it between two effects: nothing is
 * lost, and what was not printed comes first in the next run.
 */
export async function follow(options: FollowOptions, context: TaskContext): Promise<FollowTotals> {
  return closing(
    await openStateDirectory(options.state, rootPath.feedback(options.root), context),
    async (directory) => {
      let told: ((snapshot: string) => void) | undefined;
      return closing(
        await followCurrent<FreshVectors>(
          {
            root: options.root,
            onChange: (snapshot) => told?.(snapshot),
            onFailure: (error) => {
              const message = `what is current cannot be opened, and vectors stay as they were: ${messageOf(error)}`;
              context.onProgress({ kind: 'warning', message });
            },
          },
          (id, whileOpening) =>
            opening(async (opened) => {
              const snapshot = opened.keep(await openForReading(options.root, id, whileOpening, options.as));
              const vectors = opened.keep(await openFreshVectors(snapshot, options.learning));
              return { ...vectors, close: () => opened.close() };
            }),
          context,
        ),
        async (vectors) => {
          const run = new Run(options, directory, vectors, context);
          told = (snapshot) => run.published(snapshot);
          return await run.toEnd();
        },
      );
    },
  );
}

class Run {
  readonly #options: FollowOptions;
  readonly #directory: StateDirectory;
  readonly #vectors: Follower<FreshVectors>;
  readonly #context: TaskContext;
  readonly #source: EventSource;
  /** What the directory says, but for marks. */
  #noted: FollowNote;
  readonly #effects: FollowEffect[] = [];
  #state: FollowState;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;
  #users: Iterator<string> | undefined;
  /** By partition how far it was read. */
  readonly #at = new Map<string, number>();

  constructor(
    options: FollowOptions,
    directory: StateDirectory,
    vectors: Follower<FreshVectors>,
    context: TaskContext,
  ) {
    this.#options = options;
    this.#directory = directory;
    this.#vectors = vectors;
    this.#context = context;
    const { recovered } = directory;
    this.#state = startFollowing(options.settings, recovered, this.#madeBy(vectors.snapshot));
    // So that a note is missing only where it was lost.
    if (recovered.noted === undefined && recovered.stored.size === 0) directory.note(this.#state.note);
    const { done, marks } = this.#state.note;
    this.#noted = this.#state.note;
    // What was stored of a file of which nothing was noted is read again: its lines may not have come.
    const known = new Map([...recovered.stored.keys()].map((partition) => [partition, 0] as const));
    this.#source = options.openSource({
      known: new Map([...known, ...done]),
      stored: recovered.stored,
      marks,
    });
  }

  published(snapshot: string): void {
    this.#tell({ kind: 'published', snapshot: this.#madeBy(snapshot) });
  }

  async toEnd(): Promise<FollowTotals> {
    const { signal } = this.#context;
    const stop = (): void => {
      this.#source.close();
      this.#wake();
    };
    signal.addEventListener('abort', stop);
    const reading = this.#readAll().catch((error: unknown) => {
      this.#failure ??= { error };
      this.#wake();
    });
    try {
      await this.#work();
    } finally {
      signal.removeEventListener('abort', stop);
      this.#source.close();
      // Whoever waits for room sees that it is over.
      this.#state = { ...this.#state, isFinished: true };
      this.#wake();
      await reading;
      this.#users?.return?.();
    }
    return this.#state.totals;
  }

  /** What makes vectors what they are: another of these, and everyone's are made again. */
  #madeBy(snapshot: string): string {
    const { as, learning } = this.#options;
    const asked = Object.entries({ ...learning, as }).filter(([, value]) => value !== undefined);
    if (asked.length === 0) return snapshot;
    const text = JSON.stringify(asked, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    return `${snapshot} ${text}`;
  }

  #tell(event: FollowEvent): void {
    const { state, effects } = step(this.#state, event);
    this.#state = state;
    this.#effects.push(...effects);
    if (effects.length > 0) this.#wake();
  }

  /** Effects one after the other; where there is none the clock goes on. */
  async #work(): Promise<void> {
    const { signal } = this.#context;
    const { everyMs } = this.#options.settings;
    const tickMs = Math.min(250, Math.max(1, everyMs / 4));
    while (!this.#state.isFinished || this.#effects.length > 0) {
      if (signal.aborted) throw abortError(signal);
      if (this.#failure !== undefined) throw this.#failure.error;
      const effect = this.#effects.shift();
      if (effect !== undefined) await this.#do(effect);
      else {
        this.#tell({ kind: 'tick', uptimeMs: performance.now() });
        if (this.#effects.length > 0 || this.#state.isFinished) continue;
        await this.#directory.obey();
        await this.#rest(tickMs);
      }
    }
  }

  /** Until something happens, but not for long. */
  async #rest(ms: number): Promise<void> {
    const ended = new AbortController();
    this.#wake = () => {
      ended.abort();
    };
    await setTimeout(ms, undefined, { signal: ended.signal }).catch(() => undefined);
    this.#wake = () => undefined;
  }

  async #do(effect: FollowEffect): Promise<void> {
    switch (effect.kind) {
      case 'bury':
        this.#directory.bury(effect.letters);
        this.#tell({ kind: 'buried' });
        return;
      case 'store':
        this.#tell({ kind: 'stored', outcomes: await this.#directory.store(effect) });
        return;
      case 'print':
        await this.#print(effect.users);
        this.#tell({ kind: 'printed', uptimeMs: performance.now() });
        return;
      case 'sweep':
        this.#tell({ kind: 'swept', isWhole: await this.#sweep(effect.fromStart) });
        return;
      case 'mark':
        this.#directory.note({ ...this.#noted, marks: effect.marks }, true);
        return;
      case 'note':
        if (this.#options.commit === undefined) this.#note(effect.note);
        this.#report();
        return;
      case 'late':
        this.#warn(
          `the follower is late: a line came ${(effect.lagMs / 1000).toFixed(1)} s after its event was read`,
        );
        return;
      case 'finish':
        if (this.#options.commit === undefined) return;
        this.#options.commit();
        this.#note(this.#state.note);
        return;
    }
  }

  #note(note: FollowNote): void {
    this.#noted = note;
    this.#directory.note(note);
  }

  #warn(message: string): void {
    this.#context.onProgress({ kind: 'warning', message });
  }

  #report(): void {
    const { events, deadLetters } = this.#state.totals;
    const waiting = this.#source.waiting();
    const notes = [
      ...(this.#state.lagMs === undefined ? [] : [`lag ${Math.round(this.#state.lagMs)} ms`]),
      ...(waiting === undefined || waiting === 0 ? [] : [`${waiting} bytes to read`]),
      ...(deadLetters === 0 ? [] : [`${deadLetters} dead letters`]),
    ];
    const phase = `following ${this.#options.name}`;
    this.#context.onProgress({
      ...{ kind: 'step', phase, done: events, total: undefined, unit: 'events' },
      note: notes.join(', '),
    });
  }

  async #print(users: readonly Touched[]): Promise<void> {
    await this.#printAll(
      users.map(({ user, partition, offset }) => ({ user, position: { partition, offset } })),
    );
  }

  /** The next of all users, in the order of their ids. Resolves with whether those were all. */
  async #sweep(fromStart: boolean): Promise<boolean> {
    if (fromStart) this.#users?.return?.();
    if (fromStart || this.#users === undefined)
      this.#users = this.#directory.entries.users()[Symbol.iterator]();
    const some: { user: string; position: null }[] = [];
    while (some.length < sweepUsers) {
      const next = this.#users.next();
      if (next.done === true) break;
      some.push({ user: next.value, position: null });
    }
    await this.#printAll(some);
    return some.length < sweepUsers;
  }

  /** All of them by one snapshot, whatever is published meanwhile. */
  async #printAll(users: readonly Pick<FreshVector, 'user' | 'position'>[]): Promise<void> {
    const { signal } = this.#context;
    await this.#vectors.use(async (vectors) => {
      const { snapshot, basis } = vectors;
      let lines = '';
      for (const { user, position } of users) {
        if (signal.aborted) throw abortError(signal);
        if (this.#directory.isGone(user)) continue;
        const vector = [...vectors.of(user, this.#directory.entries)];
        lines += `${this.#options.json({ user, snapshot, basis, position, vector })}\n`;
        if (lines.length < chunkLength) continue;
        await orAborted(this.#options.write(lines), signal);
        lines = '';
      }
      if (lines !== '') await orAborted(this.#options.write(lines), signal);
    });
  }

  async #readAll(): Promise<void> {
    while (!this.#isOver()) {
      const partitions = await this.#source.partitions();
      if (partitions === undefined) break;
      if (partitions.length === 0) await setTimeout(retryMs);
      else await Promise.all(partitions.map((partition) => this.#read(partition)));
    }
    if (!this.#isOver()) this.#tell({ kind: 'ended' });
    this.#wake();
  }

  async #read(partition: string): Promise<void> {
    const after = this.#at.get(partition) ?? this.#state.note.done.get(partition) ?? 0;
    for await (const events of this.#source.read(partition, after)) {
      if (this.#isOver()) return;
      await this.#options.look?.(events, after === 0 && this.#at.size === 0);
      const last = events.at(-1);
      if (last !== undefined) this.#at.set(partition, last.offset);
      const now = { nowMs: Date.now(), uptimeMs: performance.now() };
      this.#tell({ kind: 'arrived', partition, events, ...now });
      // Whoever sends waits while as much is held as may be.
      while (this.#state.isFull && !this.#isOver()) {
        this.#wake();
        await setTimeout(1);
      }
      await setImmediate();
    }
  }

  #isOver(): boolean {
    return this.#state.isFinished || this.#failure !== undefined || this.#context.signal.aborted;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
