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
