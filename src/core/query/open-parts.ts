/** What queries of an open snapshot need: each part is opened when the first query needs it, and kept for all that follow. */
import { Closers } from '../closers.js';
import type { SearchWays } from '../search/search-thread.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { Audiences } from './audience.js';
import type { ItemLists } from './item-lists.js';
import type { Listeners } from './listener/listener.js';
import type { OpenNeighbours } from './open-neighbours.js';
import type { Recommender } from './open-recommender.js';
import type { UserLists } from './user-lists.js';
import type { OpenUserVectors } from './user-vectors.js';

/** Modules are loaded with what they open. The snapshot stays the caller's to close. */
export class OpenParts {
  /** Where recipes are looked for by name. */
  readonly root: string;
  readonly snapshot: OpenSnapshot;
  readonly #ways: SearchWays;
  readonly #opened = new Closers();

  constructor(root: string, snapshot: OpenSnapshot, ways: SearchWays) {
    this.root = root;
    this.snapshot = snapshot;
    this.#ways = ways;
  }

  readonly neighbours = this.#part<OpenNeighbours>(async () => {
    const { openNeighbours } = await import('./open-neighbours.js');
    return openNeighbours(this.snapshot, { ...this.#ways, indexInMemory: this.#ways.inMemory });
  });

  readonly recommender = this.#part<Recommender>(async () => {
    const { openRecommender } = await import('./open-recommender.js');
    return openRecommender(this.snapshot, this.#ways);
  });

  readonly userVectors = this.#part<OpenUserVectors>(async () => {
    const { openUserVectors } = await import('./user-vectors.js');
    return openUserVectors(this.snapshot);
  });

  readonly listeners = this.#part<Listeners>(async () => {
    const [{ openListeners }, recommender, neighbours] = [
      await import('./listener/listener.js'),
      await this.recommender(),
      await this.neighbours(),
    ];
    return openListeners(this.root, recommender, neighbours);
  });

  readonly audiences = this.#part<Audiences>(async () => {
    const [{ openAudiences }, recommender] = [await import('./audience.js'), await this.recommender()];
    return openAudiences(recommender);
  });

  readonly itemLists = this.#part<ItemLists>(async () => {
    const { openItemLists } = await import('./item-lists.js');
    return openItemLists(this.snapshot, this.#ways.thread?.checkAbort);
  });

  readonly userLists = this.#part<UserLists>(async () => {
    const [{ openUserLists }, recommender] = [await import('./user-lists.js'), await this.recommender()];
    return openUserLists(this.snapshot, (asked) => recommender.users(asked));
  });

  /** Once no query is going on. */
  close(): void {
    this.#opened.close();
  }

  /** What could not be opened is tried again by the next query. */
  #part<T extends object>(open: () => Promise<T>): () => Promise<T> {
    let part: Promise<T> | undefined;
    return () => {
      part ??= open().then(
        (made) => {
          if ('close' in made) this.#opened.keep(made as T & { close(): void });
          return made;
        },
        (error: unknown) => {
          part = undefined;
          throw error;
        },
      );
      return part;
    };
  }
}
