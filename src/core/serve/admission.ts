/** How many answers may be under way at once, and for how long: whoever comes beyond that is refused before all become slow. */
import { setTimeout } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { HttpError } from './problems.js';

export interface AdmissionOptions {
  /** Answers that may be under way at once, each as often as it weighs. */
  readonly mostAtOnce: number;
  /** The longest that one may take. */
  readonly timeoutMs: number;
}

export class Admission {
  readonly #options: AdmissionOptions;
  #underWay = 0;
  #isDraining = false;
  #isRefusing = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** The longest that an answer may take. */
  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /** It is going to end: nobody should ask it any more. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Whoever asks is answered all the same, or refused. */
  drain(isRefusing: boolean): void {
    this.#isDraining = true;
    this.#isRefusing = isRefusing;
  }

  /** Settles when what is under way has its answer, or after the longest time, in ms. */
  async settled(atMostMs: number): Promise<void> {
    const until = performance.now() + atMostMs;
    while (this.#underWay > 0 && performance.now() < until) await setTimeout(20);
    // The last answers are being written.
    await setTimeout(20);
  }

  /**
   * The context ends with the caller's connection, and after the deadline: nobody waits longer, whatever `answer` does, which
   * counts until it ends, as often as it weighs, but for no more than half of what may be under way: what is heavy leaves room for
   * what is light. HttpErrors 503 where there is no room, 504 after the deadline; AppError 'interrupted' where the caller
   * has gone; and what `answer` throws.
   */
  async within<R>(reply: FastifyReply, answer: (context: TaskContext) => Promise<R>, weighs = 1): Promise<R> {
    const { mostAtOnce, timeoutMs } = this.#options;
    const weight = Math.max(1, Math.min(weighs, Math.floor(mostAtOnce / 2)));
    if (this.#isRefusing) throw new HttpError(503, 'terminated', 'the service is shutting down');
    if (this.#underWay + weight > mostAtOnce) {
      const said = `${this.#underWay} of ${mostAtOnce} answers are under way already`;
      const more = weight === 1 ? '' : `, and this one counts as ${weight}`;
      throw new HttpError(503, 'overloaded', said + more, [
        'try again after the time of the header retry-after',
        ...(weight === 1 ? [] : ['ask for less at once']),
      ]);
    }
    const ending = new AbortController();
    let end = (_why: Error, _reason: Error): void => undefined;
    const over = new Promise<never>((_, reject) => {
      end = (why, reason) => {
        // Before the answer says only that it was interrupted.
        reject(why);
        ending.abort(reason);
      };
    });
    const timer = globalThis.setTimeout(() => {
      end(deadlinePassed(), new DOMException('the deadline passed', 'TimeoutError'));
    }, timeoutMs);
    const onClose = (): void => {
      const gone = new AppError('interrupted', 'the caller has gone');
      if (!reply.raw.writableFinished) end(gone, gone);
    };
    reply.raw.once('close', onClose);
    this.#underWay += weight;
    const answered = answer({ signal: ending.signal, onProgress: () => undefined, now: new Date() }).finally(
      () => {
        this.#underWay -= weight;
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
