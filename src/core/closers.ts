/** How what was opened is closed again, also when something throws: one resource by `closing`, several by `keeping`. */
interface Closable {
  close(): void | Promise<void>;
}

/** What `make` returns, or its promise settles with, once `end` has been called; where `end` is waited for, `make` is async. */
export function lastly<R>(make: () => R, end: () => void | Promise<void>): R {
  let made: unknown;
  try {
    made = make();
    return (made instanceof Promise ? made.finally(end) : made) as R;
  } finally {
    if (!(made instanceof Promise)) void end();
  }
}

/** What `use` makes of `part`, which is closed then. */
export function closing<T extends Closable, R>(part: T, use: (part: T) => R): R {
  return lastly(
    () => use(part),
    () => part.close(),
  );
}

/** The same of a lock or a lease; of none where there is none. */
export function releasing<T extends { release(): void } | undefined, R>(held: T, use: (held: T) => R): R {
  return lastly(
    () => use(held),
    () => held?.release(),
  );
}

/** The same of all that `use` keeps. */
export function keeping<R>(use: (opened: Closers) => R): R {
  return closing(new Closers(), use);
}

/** What `open` makes of `part`, and closes with it; where it fails, `part` is closed. */
export function handingOn<T extends Closable, R>(part: T, open: (part: T) => R): R {
  let made: R;
  try {
    made = open(part);
  } catch (error) {
    void part.close();
    throw error;
  }
  if (!(made instanceof Promise)) return made;
  return made.catch(async (error: unknown) => {
    await part.close();
    throw error;
  }) as R;
}

/** The same of all that `open` keeps. */
export function opening<R>(open: (opened: Closers) => R): R {
  return handingOn(new Closers(), open);
}

/** What was opened, to be closed in reverse order: by whoever opened several resources, of which any may fail to open. */
interface ClosableAtOnce {
  close(): void;
}

export class Closers {
  readonly #opened: ClosableAtOnce[] = [];

  /** Remembers `part`, and returns it. */
  keep<T extends ClosableAtOnce>(part: T): T {
    this.#opened.push(part);
    return part;
  }

  /** Opens a part when it is first asked for, and keeps it. */
  lazy<T extends ClosableAtOnce>(open: () => T): () => T {
    let part: T | undefined;
    return () => (part ??= this.keep(open()));
  }

  /** Closes all that was kept, the last one first. What is kept after it is closed by the next call. */
  close(): void {
    for (const part of this.#opened.splice(0).reverse()) part.close();
  }
}

/** Parts of one thing that are opened when they are asked for; those that were asked for last are kept open. */
export class PartsOnDemand<T extends ClosableAtOnce> {
  readonly #open: (part: number) => T;
  readonly #mostOpen: number;
  /** The one that was asked for last stands last. */
  readonly #opened = new Map<number, T>();

  /** @param mostOpen at a time: a process may not have many files open */
  constructor(open: (part: number) => T, mostOpen = 32) {
    this.#open = open;
    this.#mostOpen = mostOpen;
  }

  /** It stays open for the next `mostOpen` − 1 calls at least. */
  at(part: number): T {
    const found = this.#opened.get(part);
    this.#opened.delete(part);
    const [oldest] = this.#opened;
    if (found === undefined && oldest !== undefined && this.#opened.size === this.#mostOpen) {
      this.#opened.delete(oldest[0]);
      oldest[1].close();
    }
    const opened = found ?? this.#open(part);
    this.#opened.set(part, opened);
    return opened;
  }

  close(): void {
    for (const part of this.#opened.values()) part.close();
    this.#opened.clear();
  }
}
