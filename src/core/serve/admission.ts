/** How many answers may be under way at once, and for how long: whoever comes beyond that is refused before all become slow. */
import { setTimeout } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
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
   * counts until it ends. HttpErrors 503 where there is no room, 504 after the deadline; AppError 'interrupted' where the caller
   * has gone; and what `answer` throws.
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
    let end = (_: Error): void => undefined;
    const over = new Promise<never>((_, reject) => {
      end = (why) => {
        // Before the answer says only that it was interrupted.
        reject(why);
        ending.abort(new AppError('interrupted', why.message));
      };
    });
    const timer = globalThis.setTimeout(() => end(deadlinePassed()), timeoutMs);
    const onClose = (): void => {
      if (!reply.raw.writableFinished) end(new AppError('interrupted', 'the caller has gone'));
    };
    reply.raw.once('close', onClose);
    this.#underWay += 1;
    const answered = answer({ signal: ending.signal, onProgress: () => undefined, now: new Date() }).finally(
      () => {
        this.#underWay -= 1;
      },
    );
    try {
      return await Promise.race([answered, over]);
    } finally {
      clearTimeout(timer);
      reply.raw.off('close', onClose);
    }
  }
}

function deadlinePassed(): HttpError {
  return new HttpError(504, 'deadline-exceeded', 'it took longer than the service lets an answer take', [
    'ask for less at once, or try again after the time of the header retry-after',
  ]);
}
