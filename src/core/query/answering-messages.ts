/** What the threads of answering-threads.ts and answering-worker.ts say to each other. */
import type { Progress } from '../contracts.js';
import type { SharedMemorySetup } from '../compute/shared-memory.js';
import type { Thrown } from '../compute/thrown.js';
import type { Manifest } from '../snapshot/manifest.js';
import type { Answer, QueryName, AskedQuery } from './queries.js';

/** What a thread is started with. */
export interface AnsweringSetup {
  readonly root: string;
  /** Kept by a lease of the thread that starts it. */
  readonly snapshot: { readonly id: string; readonly path: string; readonly manifest: Manifest };
  readonly inMemory: boolean;
  readonly memory: SharedMemorySetup;
  /** [1] other than 0: nobody waits for the answer to the query that the thread has. */
  readonly abandoned: Int32Array<SharedArrayBuffer>;
}

/** To a thread, one at a time; `abandon` is for when it waits for a file, and does not look at `abandoned`. */
export type ToAnsweringThread = QueryMessage | 'abandon';

export interface QueryMessage<Name extends QueryName = QueryName> {
  readonly name: Name;
  readonly question: AskedQuery<Name>;
  readonly now: Date | undefined;
}

/** From it: any progress, then either of the others, once. */
export type FromAnsweringThread =
  { readonly progress: Progress } | { readonly answer: Answer<QueryName> } | { readonly thrown: Thrown };
