/**
 * One snapshot that is open for every query: what a query needs is opened when the first one needs it, and answers all that
 * follow. The options are those of the commands, and so are the answers, to the bit.
 */
import { setImmediate } from 'node:timers/promises';
import { handingOn } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { abortError } from '../errors.js';
import { sharesMemory } from '../numeric/shared-arrays.js';
import type { AskedOf } from '../options/asked-of.js';
import { openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openAnswers, type Answer, type Answers, type AskedQuery, type QueryName } from './queries.js';

/**
 * Calls may overlap: none changes another's answer, and the event loop turns between two of them. Each may have a context
 * of its own, else it is the reader's. Whatever is wrong with a query rejects its promise as the command of the same
 * name does.
 */
export interface Reader {
  /** What is open. */
  readonly snapshot: Pick<OpenSnapshot, 'id' | 'basis' | 'path' | 'manifest'>;
  ask<Name extends QueryName>(
    name: Name,
    question: AskedQuery<Name>,
    context?: TaskContext,
  ): Promise<Answer<Name>>;
  /** Refuses further calls; settles when those that are going on have their answers and everything is closed. */
  close(): Promise<void>;
}

/**
 * Opens what `reference` names (without one `current`, or `latest` while nothing is published) and keeps it, whatever is
 * published meanwhile, until it is closed. To follow what is published, let `followCurrent` open it.
 *
 * Throws what opening a snapshot for reading throws.
 */
export async function openReader(
  root: string,
  reference: string | undefined,
  context: TaskContext,
  { as, inMemory, workers }: AskedOf<'openReader'>,
): Promise<Reader> {
  return handingOn(await openForReading(root, reference, context, as), async (snapshot) => {
    if (workers === 0 || !sharesMemory()) {
      return new SnapshotReader(
        snapshot,
        new AnswersInTurns(openAnswers(root, snapshot, { inMemory })),
        context,
      );
    }
    const { AnsweringThreads } = await import('./answering-threads.js');
    const { id, path, manifest } = snapshot;
    const threads = new AnsweringThreads({ root, snapshot: { id, path, manifest }, inMemory, workers });
    return new SnapshotReader(snapshot, threads, context);
  });
}

/** However many ask at once, the event loop turns between two searches, so that other work of the program goes on. */
class AnswersInTurns implements Answers {
  readonly #answers: Answers;
  /** Whether a call began in this turn of the event loop. */
  #turnTaken = false;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  async ask<Name extends QueryName>(
    name: Name,
    question: AskedQuery<Name>,
    context: TaskContext,
  ): Promise<Answer<Name>> {
    while (this.#turnTaken) await setImmediate();
    this.#turnTaken = true;
    void setImmediate().then(() => (this.#turnTaken = false));
    // It may have been aborted while it waited for its turn.
    if (context.signal.aborted) throw abortError(context.signal);
    return this.#answers.ask(name, question, context);
  }

  close(): void | Promise<void> {
    return this.#answers.close();
  }
}

class SnapshotReader implements Reader {
  readonly snapshot: OpenSnapshot;
  readonly #answers: Answers;
  readonly #context: TaskContext;
  /** Calls that are going on. */
  #calls = 0;
  #whenUnused: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(snapshot: OpenSnapshot, answers: Answers, context: TaskContext) {
    this.snapshot = snapshot;
    this.#answers = answers;
    this.#context = context;
  }

  async ask<Name extends QueryName>(
    name: Name,
    question: AskedQuery<Name>,
    context = this.#context,
  ): Promise<Answer<Name>> {
    if (this.#closing !== undefined) throw new Error('this reader was closed');
    if (context.signal.aborted) throw abortError(context.signal);
    this.#calls += 1;
    try {
      return await this.#answers.ask(name, question, context);
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) this.#whenUnused?.();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeWhenUnused();
    return this.#closing;
  }

  async #closeWhenUnused(): Promise<void> {
    if (this.#calls > 0) {
      await new Promise<void>((resolve) => {
        this.#whenUnused = resolve;
      });
    }
    try {
      await this.#answers.close();
    } finally {
      this.snapshot.close();
    }
  }
}
