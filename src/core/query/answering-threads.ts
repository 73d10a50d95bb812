/**
 * Worker threads that answer an open snapshot's queries over one shared memory, so that the event loop of the thread that
 * asks stays free. A thread has one query at a time; the others wait in the order in which they came.
 */
import { Worker } from 'node:worker_threads';
import type { TaskContext } from '../contracts.js';
import { SharedMemories } from '../compute/shared-memories.js';
import { errorOf } from '../compute/thrown.js';
import { AppError, abortError, isOutOfMemory } from '../errors.js';
import type {
  AnsweringSetup,
  FromAnsweringThread,
  QueryMessage,
  ToAnsweringThread,
} from './answering-messages.js';
import { catalogue } from '../options/catalogue.js';
import type { Words } from '../options/option.js';
import type { Answer, Answers, QueryName, AskedQuery } from './queries.js';

export interface AnsweringOptions extends Omit<AnsweringSetup, 'memory' | 'abandoned'> {
  /** How many, ≥ 1. */
  readonly workers: number;
}

/** A query, until its promise is settled and no thread has it. */
interface Asked {
  readonly message: QueryMessage;
  readonly context: TaskContext;
  /** Its promise is settled, though a thread may still have it. */
  isSettled: boolean;
  answer(given: Answer<QueryName>): void;
  fail(error: unknown): void;
}

/** A thread's place: whoever takes it answers on. */
interface Place {
  readonly at: number;
  readonly abandoned: AnsweringSetup['abandoned'];
  /** undefined where it ended: the next query starts another one. */
  worker: Worker | undefined;
  asked: Asked | undefined;
}

/** After its deadline a query has so long to end by itself. */
const patienceMs = 25;

export class AnsweringThreads implements Answers {
  readonly #options: AnsweringOptions;
  #memories: SharedMemories | undefined;
  readonly #places: readonly Place[];
  readonly #waiting: Asked[] = [];
  /** What is asked under each signal: however many queries share one, it has one listener. */
  readonly #askers = new Map<AbortSignal, Set<Asked>>();
  readonly #onAbort = (): void => {
    for (const [signal, askers] of this.#askers) {
      const isLate = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
      if (signal.aborted) for (const asked of askers) this.#abandon(asked, abortError(signal), isLate);
    }
  };

  constructor(options: AnsweringOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.workers }, (_, at) => ({
      ...{ at, abandoned: new Int32Array(new SharedArrayBuffer(4)) },
      ...{ worker: undefined, asked: undefined },
    }));
    for (const place of this.#places) this.#start(place);
  }

  ask<Name extends QueryName>(
    name: Name,
    question: AskedQuery<Name>,
    context: TaskContext,
  ): Promise<Answer<Name>> {
    requireFiles(question);
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        asked.isSettled = true;
        this.#forget(asked);
      };
      const asked: Asked = {
        message: { name, question, now: context.now },
        context,
        isSettled: false,
        answer(given) {
          settle();
          // The thread answers what it was asked.
          resolve(given);
        },
        fail(error) {
          settle();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      this.#remember(asked);
      this.#waiting.push(asked);
      this.#askOn();
    });
  }

  #remember(asked: Asked): void {
    const { signal } = asked.context;
    let askers = this.#askers.get(signal);
    if (askers === undefined) {
      askers = new Set();
      this.#askers.set(signal, askers);
      signal.addEventListener('abort', this.#onAbort);
    }
    askers.add(asked);
  }

  #forget(asked: Asked): void {
    const { signal } = asked.context;
    const askers = this.#askers.get(signal);
    askers?.delete(asked);
    if (askers?.size !== 0) return;
    this.#askers.delete(signal);
    signal.removeEventListener('abort', this.#onAbort);
  }

  async close(): Promise<void> {
    await Promise.all(this.#places.flatMap(({ worker }) => worker?.terminate() ?? []));
    await this.#memories?.close();
  }

  /** Gives what waits to the threads that have nothing to do. */
  #askOn(): void {
    for (const place of this.#places) {
      while (place.asked === undefined) {
        const asked = this.#waiting.shift();
        if (asked === undefined) return;
        this.#give(asked, place);
      }
    }
  }

  #give(asked: Asked, place: Place): void {
    try {
      const worker = place.worker ?? this.#start(place);
      Atomics.store(place.abandoned, 0, 0);
      post(worker, asked.message);
      worker.ref();
      place.asked = asked;
    } catch (error) {
      // It holds what no message can: a function.
      asked.fail(error);
    }
  }

  /**
   * Its asker has the error at once; the thread ends it at its next window. After a deadline it is ended itself where it does
   * not: whatever a query costs between two looks, it costs no more than that.
   */
  #abandon(asked: Asked, error: unknown, isLate = false): void {
    asked.fail(error);
    const waiting = this.#waiting.indexOf(asked);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    const place = this.#places.find((one) => one.asked === asked);
    if (place?.worker === undefined) return;
    Atomics.store(place.abandoned, 0, 1);
    post(place.worker, 'abandon');
    if (!isLate) return;
    setTimeout(() => {
      if (place.asked === asked) void place.worker?.terminate();
    }, patienceMs).unref();
  }

  #start(place: Place): Worker {
    const { at, abandoned } = place;
    const { root, snapshot, inMemory } = this.#options;
    const memories = this.#memoriesNow();
    const memory = memories.join(at);
    const workerData: AnsweringSetup = { root, snapshot, inMemory, memory, abandoned };
    const worker = new Worker(new URL('./answering-worker.js', import.meta.url), {
      ...{ workerData, transferList: [memory.port] },
      // It runs segue's own files only, whatever the process was started for.
      execArgv: [],
    });
    let reason: unknown;
    worker.on('message', (message: FromAnsweringThread) => {
      this.#hear(place, worker, message);
    });
    worker.on('error', (error: unknown) => (reason = error));
    worker.on('messageerror', (error) => {
      reason = error;
      void worker.terminate();
    });
    worker.on('exit', (code) => {
      memories.leave(at);
      const { asked } = place;
      place.worker = undefined;
      place.asked = undefined;
      asked?.fail(endedError(reason, code));
      this.#askOn();
    });
    // While nobody waits for an answer, it keeps no process alive.
    worker.unref();
    place.worker = worker;
    return worker;
  }

  #memoriesNow(): SharedMemories {
    this.#memories ??= new SharedMemories(this.#options.workers, () => {
      this.#memories = undefined;
      for (const { worker } of this.#places) void worker?.terminate();
    });
    return this.#memories;
  }

  #hear(place: Place, worker: Worker, message: FromAnsweringThread): void {
    const { asked } = place;
    if (asked === undefined) return;
    if ('progress' in message) {
      if (asked.isSettled) return;
      try {
        asked.context.onProgress(message.progress);
      } catch (error) {
        this.#abandon(asked, error);
      }
      return;
    }
    place.asked = undefined;
    worker.unref();
    if ('thrown' in message) asked.fail(errorOf(message.thrown));
    else asked.answer(message.answer);
    this.#askOn();
  }
}

function post(worker: Worker, message: ToAnsweringThread): void {
  worker.postMessage(message);
}

/** Of a thread that ended before it answered. */
function endedError(reason: unknown, code: number): Error {
  if (isOutOfMemory(reason)) {
    return new AppError('out-of-memory', 'a worker of the reader ran out of memory while it answered', {
      suggestions: [
        'request fewer results at a time (`k`, users)',
        'give JavaScript more memory: NODE_OPTIONS=--max-old-space-size=4096 (MiB)',
      ],
      cause: reason,
    });
  }
  return new Error(`a worker of the reader ended before it answered (exit code ${code})`, { cause: reason });
}

/** AppError 'bad-usage' where a query reads standard input, which only the process's main thread has. */
function requireFiles(question: AskedQuery<QueryName>): void {
  for (const [option, value] of Object.entries(question)) {
    const isFile = (catalogue as Readonly<Record<string, Partial<Words>>>)[option]?.isFile === true;
    if (value !== '-' || !isFile) continue;
    throw new AppError('bad-usage', `\`${option}\`: a reader's workers have no standard input`, {
      suggestions: ['name a file', 'open the reader without `workers`'],
    });
  }
}
