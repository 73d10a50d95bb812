import { MessageChannel, Worker } from 'node:worker_threads';
import type { ToKeeper } from './keeper-messages.js';
import type { SharedMemorySetup } from './shared-memory.js';

/** The memory that some threads share, for the thread that starts them. It is freed when they have ended and this is closed. */
export class SharedMemories {
  readonly #threads: number;
  /** It runs this file only: whatever flags the process has, such as for code from its command line, are not for it. */
  readonly #keeper = new Worker(new URL('./memory-keeper.js', import.meta.url), { execArgv: [] });

  /**
   * @param threads as many places there are
   * @param onLost nothing can be had any more, since the keeper could not be started or ended: the threads have to end
   */
  constructor(threads: number, onLost: () => void) {
    this.#threads = threads;
    this.#keeper.on('error', onLost);
    // It keeps no process alive.
    this.#keeper.unref();
  }

  /** For the thread that takes a place, until it leaves it. */
  join(thread: number): SharedMemorySetup {
    const { port1, port2 } = new MessageChannel();
    const answered = new Int32Array(new SharedArrayBuffer(4));
    const message: ToKeeper = { joins: thread, port: port1, answered };
    this.#keeper.postMessage(message, [port1]);
    return { port: port2, answered, thread, threads: this.#threads };
  }

  /** Once it has ended. */
  leave(thread: number): void {
    const message: ToKeeper = { leaves: thread };
    this.#keeper.postMessage(message);
  }

  /** Once all threads have left. */
  async close(): Promise<void> {
    await this.#keeper.terminate();
  }
}
