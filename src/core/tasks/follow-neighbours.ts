/** What is browsed: the snapshot that was named, or what is current and from then on whatever is published. */
import type { TaskContext } from '../contracts.js';
import { followCurrent, type Follower } from '../publishing/follow-current.js';
import { openNeighbourSource, type BrowseOptions, type BrowserItem, type NeighbourSource } from './browse.js';

/** News for whoever browses. */
export type BrowseNews =
  | {
      readonly kind: 'published';
      /** Open until `release`: whoever receives it releases it. */
      readonly source: NeighbourSource;
      readonly release: () => void;
    }
  /** What was published cannot be opened: the source stays what it was. */
  | { readonly kind: 'failed'; readonly message: string };

export interface FollowedBrowse {
  readonly source: NeighbourSource;
  /** The item that was named. */
  readonly start?: BrowserItem;
  /** Once nobody asks `source` any more. */
  release(): void;
  /** The listener receives what happened since the start, too. Returns how to stop listening. */
  subscribe(listener: (news: BrowseNews) => void): () => void;
  /** Settles when everything is closed, which what is not released yet delays. */
  close(): Promise<void>;
}

/** Throws what opening a source throws. */
export async function openBrowse(options: BrowseOptions, context: TaskContext): Promise<FollowedBrowse> {
  if (options.snapshot === undefined) return followNeighbours(options, context);
  const { source, ...start } = await openNeighbourSource(options, context);
  return {
    ...{ source, ...start },
    release: () => undefined,
    subscribe: () => () => undefined,
    close() {
      source.close();
      return Promise.resolve();
    },
  };
}

async function followNeighbours(
  { item, ...followed }: BrowseOptions,
  context: TaskContext,
): Promise<FollowedBrowse> {
  const mail = new Mailbox();
  let start: { readonly start?: BrowserItem } | undefined;
  const follower: Follower<NeighbourSource> = await followCurrent(
    {
      root: followed.root,
      onChange: () => {
        const { opened: source, release } = follower.hold();
        mail.tell({ kind: 'published', source, release });
      },
      onFailure: (error) => {
        mail.tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
      },
    },
    async (snapshot, opening) => {
      const options = { ...followed, snapshot, ...(start === undefined ? { item } : {}) };
      const { source, ...found } = await openNeighbourSource(options, opening);
      start ??= found;
      return source;
    },
    context,
  );
  const { opened: source, release } = follower.hold();
  return {
    source,
    release,
    ...start,
    subscribe: (listener) => mail.subscribe(listener),
    async close() {
      mail.close();
      await follower.close();
    },
  };
}

/** Keeps the latest news for a listener that comes later. */
class Mailbox {
  #listener: ((news: BrowseNews) => void) | undefined;
  #waiting: BrowseNews | undefined;
  #closed = false;

  tell(news: BrowseNews): void {
    if (this.#listener !== undefined) {
      this.#listener(news);
      return;
    }
    this.#dropWaiting();
    this.#waiting = news;
    if (this.#closed) this.#dropWaiting();
  }

  subscribe(listener: (news: BrowseNews) => void): () => void {
    this.#listener = listener;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) listener(waiting);
    return () => {
      this.#listener = undefined;
    };
  }

  close(): void {
    this.#closed = true;
    this.#listener = undefined;
    this.#dropWaiting();
  }

  #dropWaiting(): void {
    if (this.#waiting?.kind === 'published') this.#waiting.release();
    this.#waiting = undefined;
  }
}
