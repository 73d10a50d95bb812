/**
 * A reader that lives long and follows what is published: opens the new snapshot whole, swaps one reference, lets the
 * calls in flight finish with the old one, closes it. A call never sees two snapshots, and a snapshot that cannot be
 * opened changes nothing.
 */
import { watch, type FSWatcher } from 'node:fs';
import { releasing, handingOn } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { currentName } from '../snapshot/layout.js';
import { openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { readCurrent } from '../snapshot/resolve-reference.js';

/** What a follower keeps open of a snapshot. */
export interface Followable {
  close(): unknown;
}

export interface FollowOptions {
  readonly root: string;
  /** How often to look, in ms, besides being notified of changes where the system can; 1,000 by default. */
  readonly pollMs?: number | undefined;
  /** Told after another snapshot took the place of the one before. */
  readonly onChange?: ((snapshot: string, before: string) => void) | undefined;
  /** Told, once, that what is current cannot be opened or read; what was open before stays so. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/** What is open, kept so until it is released, whatever is published meanwhile. */
export interface Held<T> {
  readonly snapshot: string;
  readonly opened: T;
  release(): void;
}

export interface Follower<T> {
  /** The id of the snapshot that calls are answered from now. */
  readonly snapshot: string;
  /** Calls `ask` with what is open now, which stays open until its answer is there. Rejects as `ask` does. */
  use<R>(ask: (opened: T, snapshot: string) => R | Promise<R>): Promise<R>;
  /** The same for whoever asks several times of one snapshot, and says when that is over. */
  hold(): Held<T>;
  /** Looks at once, and settles when what is current now is in use, or was found not to be openable. */
  look(): Promise<void>;
  /** Stops following; settles when all calls have ended and everything is closed. */
  close(): Promise<void>;
}

/**
 * Opens what is current (or `latest` while nothing is published) by `open`, and whatever is published after it. `open` is
 * given the id of a snapshot that is verified and held by a lease until what it returned is closed again; it may take
 * its time, and may fail. Of a bundle that is the bundle's id, whose lease keeps every member: what is opened of it by
 * name belongs together. The follower keeps no process alive.
 *
 * Throws what opening a snapshot for reading throws, and what `open` throws the first time.
 *
 * ```ts
 * const songs = await followCurrent(
 *   { root: '.segue', onChange: (snapshot) => console.log(`now at ${snapshot}`) },
 *   (snapshot, context) => openReader('.segue', snapshot, context),
 *   context,
 * );
 * const plush = await songs.use((reader) => reader.item('Plush'));
 * await songs.close();
 * ```
 */
export async function followCurrent<T extends Followable>(
  options: FollowOptions,
  open: (snapshot: string, context: TaskContext) => Promise<T>,
  context: TaskContext,
): Promise<Follower<T>> {
  const first = await Opened.of(options.root, undefined, open, context);
  return new CurrentFollower(options, open, context.signal, first);
}

const defaultPollMs = 1000;
/** What could not be opened is tried again after so many ms: the reason may have been a passing one. */
const retryMs = 30_000;

/** One snapshot and how many are using it. */
class Opened<T extends Followable> {
  readonly opened: T;
  /** Of the bundle, where it is one. */
  readonly id: string;
  readonly #snapshot: OpenSnapshot;
  #users = 0;
  #whenUnused: (() => void) | undefined;

  private constructor(id: string, snapshot: OpenSnapshot, opened: T) {
    this.id = id;
    this.#snapshot = snapshot;
    this.opened = opened;
  }

  static async of<T extends Followable>(
    root: string,
    reference: string | undefined,
    open: (snapshot: string, context: TaskContext) => Promise<T>,
    context: TaskContext,
  ): Promise<Opened<T>> {
    return handingOn(await openForReading(root, reference, context), async (snapshot) => {
      const id = snapshot.member?.bundle.id ?? snapshot.id;
      return new Opened(id, snapshot, await open(id, context));
    });
  }

  hold(): Held<T> {
    this.#users += 1;
    let held = true;
    return {
      snapshot: this.id,
      opened: this.opened,
      release: () => {
        if (!held) return;
        held = false;
        this.#users -= 1;
        if (this.#users === 0) this.#whenUnused?.();
      },
    };
  }

  /** Once nobody uses it any more. */
  async close(): Promise<void> {
    if (this.#users > 0) {
      await new Promise<void>((resolve) => {
        this.#whenUnused = resolve;
      });
    }
    try {
      await this.opened.close();
    } finally {
      this.#snapshot.close();
    }
  }
}

class CurrentFollower<T extends Followable> implements Follower<T> {
  readonly #options: FollowOptions;
  readonly #open: (snapshot: string, context: TaskContext) => Promise<T>;
  readonly #context: TaskContext;
  readonly #closing = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #now: Opened<T>;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  /** What was current and could not be opened, and when to try it again. */
  #failed:
    { readonly id: string | undefined; readonly message: string; readonly untilMs: number } | undefined;
  #closed = false;

  constructor(
    options: FollowOptions,
    open: (snapshot: string, context: TaskContext) => Promise<T>,
    signal: AbortSignal,
    first: Opened<T>,
  ) {
    this.#options = options;
    this.#open = open;
    // What goes on behind its user's back shows no progress.
    this.#context = { signal, onProgress: () => undefined };
    this.#now = first;
    this.#timer = setInterval(() => void this.#lookSoon(false), options.pollMs ?? defaultPollMs);
    this.#timer.unref();
    this.#watcher = this.#watch();
    // It may have changed before anyone watched.
    void this.#lookSoon(false);
  }

  get snapshot(): string {
    return this.#now.id;
  }

  async use<R>(ask: (opened: T, snapshot: string) => R | Promise<R>): Promise<R> {
    return releasing(this.hold(), async (held) => ask(held.opened, held.snapshot));
  }

  hold(): Held<T> {
    if (this.#closed) throw new Error('this follower was closed');
    return this.#now.hold();
  }

  look(): Promise<void> {
    return this.#lookSoon(true);
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      clearInterval(this.#timer);
      this.#watcher?.close();
      await this.#looking;
      this.#retire(this.#now);
    }
    await Promise.all(this.#closing);
  }

  /** The system's notice comes at once; where it cannot be had, or is lost, looking from time to time does. */
  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#options.root, { persistent: false }, (_, name) => {
        if (name === null || name === currentName) void this.#lookSoon(false);
      });
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      return undefined;
    }
  }

  /** One look at a time; what happens during one is looked at after it. */
  #lookSoon(evenIfFailed: boolean): Promise<void> {
    if (evenIfFailed) this.#failed = undefined;
    this.#lookAgain = true;
    this.#looking ??= this.#lookWhileThereIsNews();
    return this.#looking;
  }

  async #lookWhileThereIsNews(): Promise<void> {
    try {
      while (this.#lookAgain && !this.#closed) {
        this.#lookAgain = false;
        await this.#lookOnce();
      }
    } finally {
      // In the same turn as the last test of the loop: who comes after it begins another one.
      this.#looking = undefined;
    }
  }

  async #lookOnce(): Promise<void> {
    let id: string | undefined;
    let next: Opened<T>;
    try {
      id = readCurrent(this.#options.root);
      if (id === undefined || id === this.#now.id) {
        this.#failed = undefined;
        return;
      }
      if (this.#failed?.id === id && performance.now() < this.#failed.untilMs) return;
      // By name: it can be swapped, and what it named collected, while it is being opened.
      next = await Opened.of(this.#options.root, currentName, this.#open, this.#context);
    } catch (error) {
      this.#fail(id, error);
      return;
    }
    this.#failed = undefined;
    // Closed while it was being opened: nobody wants it any more.
    if (this.#closed) {
      this.#retire(next);
      return;
    }
    const before = this.#now;
    this.#now = next;
    this.#retire(before);
    if (next.id !== before.id) this.#options.onChange?.(next.id, before.id);
  }

  #fail(id: string | undefined, error: unknown): void {
    if (this.#closed || this.#context.signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    const isNews = this.#failed?.id !== id || this.#failed?.message !== message;
    this.#failed = { id, message, untilMs: performance.now() + retryMs };
    if (isNews) this.#options.onFailure?.(error);
  }

  #retire(old: Opened<T>): void {
    const closing = old.close().catch((error: unknown) => this.#options.onFailure?.(error));
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}
