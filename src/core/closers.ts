/** What was opened, to be closed in reverse order: by whoever opened several resources, of which any may fail to open. */
interface Closable {
  close(): void;
}

export class Closers {
  readonly #opened: Closable[] = [];

  /** Remembers `part`, and returns it. */
  keep<T extends Closable>(part: T): T {
    this.#opened.push(part);
    return part;
  }

  /** Opens a part when it is first asked for, and keeps it. */
  lazy<T extends Closable>(open: () => T): () => T {
    let part: T | undefined;
    return () => (part ??= this.keep(open()));
  }

  /** Closes all that was kept, the last one first. What is kept after it is closed by the next call. */
  close(): void {
    for (const part of this.#opened.splice(0).reverse()) part.close();
  }
}

/** Parts of one thing that are opened when they are asked for; those that were asked for last are kept open. */
export class PartsOnDemand<T extends Closable> {
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
