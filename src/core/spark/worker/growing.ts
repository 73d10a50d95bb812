interface Closable {
  close(): Promise<void>;
}

/** What is opened for some users at a time, and anew where more come. */
export class Growing<T extends Closable> {
  readonly #open: (mostUsers: number) => Promise<T>;
  #opened: { readonly part: T; readonly mostUsers: number } | undefined;

  constructor(open: (mostUsers: number) => Promise<T>) {
    this.#open = open;
  }

  async for(numUsers: number): Promise<T> {
    if (this.#opened !== undefined && numUsers <= this.#opened.mostUsers) return this.#opened.part;
    await this.close();
    const part = await this.#open(numUsers);
    this.#opened = { part, mostUsers: numUsers };
    return part;
  }

  async close(): Promise<void> {
    const before = this.#opened;
    this.#opened = undefined;
    await before?.part.close();
  }
}
