/** The roots that a service answers from: one, or several by name, of which none sees another. */
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { runOptions } from '../options/catalogue/run-options.js';
import { HttpError } from './problems.js';
import type { ServedRoot } from './served-root.js';

/** A root as it is named in requests; undefined for the only one. */
export type RootName = string | undefined;

/** DIR, or NAME=DIR of several. A directory whose own name has an `=` is written `./a=b`. AppError 'bad-usage'. */
export function parseRoots(given: readonly string[]): ReadonlyMap<RootName, string> {
  const parsed = (given.length === 0 ? [runOptions.root.fallback()] : given).map(
    (text): [RootName, string] => {
      const [, name, directory] = /^([a-z0-9][a-z0-9-]{0,62})=(.+)$/s.exec(text) ?? [];
      return directory === undefined ? [undefined, text] : [name, directory];
    },
  );
  const roots = new Map(parsed);
  const unnamed = parsed.filter(([name]) => name === undefined).length;
  if (unnamed > 0 && parsed.length > 1) {
    throw new AppError('bad-usage', '`root` is given more than once: each needs a name', {
      suggestions: ['`root` NAME=DIR, where NAME has a-z, 0-9 and -'],
    });
  }
  if (roots.size < parsed.length)
    throw new AppError('bad-usage', '`root` names two directories by one name: names have to differ');
  return roots;
}

export class ServedRoots {
  readonly #roots: ReadonlyMap<RootName, ServedRoot>;

  private constructor(roots: ReadonlyMap<RootName, ServedRoot>) {
    this.#roots = roots;
  }

  /** Throws what opening a snapshot throws; then none is open. */
  static async open(
    roots: ReadonlyMap<RootName, string>,
    open: (root: string, name: RootName) => Promise<ServedRoot>,
  ): Promise<ServedRoots> {
    const opened = new Map<RootName, ServedRoot>();
    try {
      for (const [name, root] of roots) opened.set(name, await open(root, name));
    } catch (error) {
      for (const root of opened.values()) await root.close();
      throw error;
    }
    return new ServedRoots(opened);
  }

  /** By name; empty where there is one without. */
  get names(): readonly string[] {
    return [...this.#roots.keys()].filter((name) => name !== undefined);
  }

  get all(): ReadonlyMap<RootName, ServedRoot> {
    return this.#roots;
  }

  /** HttpError 404. */
  get(name: RootName): ServedRoot {
    const root = this.#roots.get(name);
    if (root === undefined)
      throw new HttpError(404, 'no-such-root', `there is no root ${JSON.stringify(name ?? '')}`);
    return root;
  }

  /** Settles when all answers that are under way are there, and everything is closed. */
  async close(): Promise<void> {
    for (const root of this.#roots.values()) await root.close();
  }
}

/** For the context that opens: what a service's signal ends is the service, not what it still has to answer. */
export function withoutSignal(context: TaskContext): TaskContext {
  return { ...context, signal: new AbortController().signal };
}
