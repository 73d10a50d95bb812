/** How many answers may be under way at once, and for how long: whoever comes beyond that is refused before all become slow. */
import { setTimeout } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { TaskContext } from '../contracts.js';
import { abortError, AppError } from '../errors.js';
import { HttpError } from './problems.js';

export interface AdmissionOptions {
  /** Answers that may be under way at once. */
  readonly mostAtOnce: number;
  /** The longest that one may take. */
  readonly timeoutMs: number;
}

export class Admission {
  readonly #options: AdmissionOptions;
  #underWay = 0;
  #isDraining = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** The longest that an answer may take. */
  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** What is asked from now on is refused; settles when what is under way has its answer, or after the longest time, in ms. */
  async drain(atLeastMs: number, atMostMs: number): Promise<void> {
    this.#isDraining = true;
    const until = performance.now() + atMostMs;
    await setTimeout(atLeastMs);
    while (this.#underWay > 0 && performance.now() < until) await setTimeout(20);
    // The last answers are being written.
    await setTimeout(20);
  }

  /**
   * The context ends with the caller's connection, and after the deadline: nobody waits longer, whatever `answer` does, which
   * counts until it ends. HttpErrors 503 where there is no room, and what `answer` throws; AppError 'interrupted' after the
   * deadline.
   */
  async within<R>(reply: FastifyReply, answer: (context: TaskContext) => Promise<R>): Promise<R> {
    const { mostAtOnce, timeoutMs } = this.#options;
    if (this.#isDraining) throw new HttpError(503, 'terminated', 'the service is shutting down');
    if (this.#underWay >= mostAtOnce) {
      throw new HttpError(503, 'overloaded', `${this.#underWay} answers are under way already`, [
        'try again after the time of the header retry-after',
      ]);
    }
    const ending = new AbortController();
    const end = (): void =>
      ending.abort(new AppError('interrupted', 'the deadline has passed, or the caller has gone'));
    const timer = globalThis.setTimeout(end, timeoutMs);
    const onClose = (): void => {
      if (!reply.raw.writableFinished) end();
    };
    reply.raw.once('close', onClose);
    const { signal } = ending;
    const over = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(abortError(signal)), { once: true });
    });
    this.#underWay += 1;
    const answered = answer({ signal, onProgress: () => undefined, now: new Date() }).finally(() => {
      this.#underWay -= 1;
    });
    try {
      return await Promise.race([answered, over]);
    } finally {
      clearTimeout(timer);
      reply.raw.off('close', onClose);
    }
  }
}
