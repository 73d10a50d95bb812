/** A recipe: how an answer is made, as the keys of keys.ts say. Every default is filled in, so that a run of it reads no file again. */
import { AppError, type AppErrorOptions, type ErrorCode } from '../../errors.js';
import type { MapOf } from '../../files/yaml-keys.js';
import type { recipeKind } from './keys.js';

export interface Recipe extends MapOf<(typeof recipeKind)['keys']> {
  /** What it was asked for by: a name, or the path of a file. */
  readonly name: string;
  /** Where its file holds each key. */
  readonly places: RecipePlaces;
}

export type RecipeSource = Recipe['sources'][number];

/** Where a recipe's file holds its keys, such as `filters.where`: whatever is wrong with one is said with its file and line. */
export class RecipePlaces {
  readonly #file: string;
  readonly #lines: ReadonlyMap<string, number>;

  constructor(file: string, lines: ReadonlyMap<string, number>) {
    this.#file = file;
    this.#lines = lines;
  }

  /** FILE line N, KEY. */
  nameOf(key: string): string {
    const line = this.#lines.get(key);
    return line === undefined ? `${this.#file}, ${key}` : `${this.#file} line ${line}, ${key}`;
  }

  /** The same for the details of an error. */
  detailsOf(key: string): { readonly file: string; readonly line: number | null; readonly key: string } {
    return { file: this.#file, line: this.#lines.get(key) ?? null, key };
  }

  error(key: string, code: ErrorCode, problem: string, { details, ...options }: AppErrorOptions): AppError {
    return new AppError(code, `${this.nameOf(key)}: ${problem}`, {
      ...options,
      details: { ...this.detailsOf(key), ...details },
    });
  }

  /** Does something that a key asks for; a failure says which key that is. */
  naming<T>(key: string, task: () => T): T {
    try {
      return task();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError(error.code, `${this.nameOf(key)}: ${error.message}`, {
        suggestions: error.suggestions,
        details: { ...error.details, ...this.detailsOf(key) },
        cause: error,
      });
    }
  }
}
