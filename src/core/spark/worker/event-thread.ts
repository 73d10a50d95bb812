/** Tasks of an executor read and add up events at the same time: the connection of each has a thread of its own. */
import { Worker } from 'node:worker_threads';
import { knownItems, type KnownItems } from '../../events/elsewhere/add-up-events.js';
import { sha256Hex } from '../../files/sha256.js';
import type { Frame, Head } from '../frames.js';
import type { AskedOfEvents, EventJob, EventMessage } from '../worker-jobs.js';
import { answered } from './answered.js';

/** What scripts/build-spark.mjs lays out beside main.js. */
const thread = new URL('./events.js', import.meta.url);

const eventJobs: ReadonlySet<string> = new Set<EventJob['job']>([
  'split-events',
  'count-items',
  'add-up-events',
]);

export function isOfEvents(head: Head): head is AskedOfEvents {
  return eventJobs.has((head as Partial<AskedOfEvents>).job?.job ?? '');
}

/** The items that events are added up by: one list at a time. */
export class KeptItems {
  #name: string | undefined;
  items: KnownItems | undefined;

  /** What does not take a thread: undefined where it does. */
  answer({ job, op, name }: AskedOfEvents, blobs: readonly Uint8Array[]): Frame | undefined {
    if (job.job !== 'add-up-events') return undefined;
    if (op === 'keep') {
      this.#keep(name, blobs);
      return { head: {}, blobs: [] };
    }
    const missing = this.#name === job.items ? [] : [job.items];
    return op === 'missing' || missing.length > 0 ? { head: { missing }, blobs: [] } : undefined;
  }

  #keep(name: string | undefined, blobs: readonly Uint8Array[]): void {
    if (sha256Hex(...blobs) !== name)
      throw new Error(`the items arrived damaged: ${String(name)} is their sha256 no more`);
    this.items = knownItems(blobs);
    this.#name = name;
  }
}

/** The thread of a connection, from when it first asks. */
export class EventThread {
  readonly #kept: KeptItems;
  #worker: Worker | undefined;

  constructor(kept: KeptItems) {
    this.#kept = kept;
  }

  answer(head: AskedOfEvents, blobs: readonly Uint8Array[]): Promise<Frame> {
    return answered(() => this.#kept.answer(head, blobs) ?? this.#ask(head, blobs));
  }

  #ask(head: AskedOfEvents, blobs: readonly Uint8Array[]): Promise<Frame> {
    const worker = (this.#worker ??= new Worker(thread));
    const { items } = this.#kept;
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        this.#worker = undefined;
        reject(new Error(`the thread that reads events ended: ${error.message}`));
      };
      worker.once('error', failed);
      worker.once('message', (frame: Frame) => {
        worker.off('error', failed);
        resolve(frame);
      });
      const message: EventMessage = { head, blobs, items };
      worker.postMessage(
        message,
        blobs.map(({ buffer }) => buffer as ArrayBuffer),
      );
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}
