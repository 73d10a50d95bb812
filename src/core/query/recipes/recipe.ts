/**
 * A recipe: how an answer is made of ingredients, as docs/recipes.md describes them. Every default is filled in here, so
 * that a run of it reads no file again.
 */

import { AppError, type AppErrorOptions, type ErrorCode } from '../../errors.js';

/** A time such as 90d, as it was written and in ms. */
export interface Age {
  readonly text: string;
  readonly ms: number;
}

/** Of the slots of an answer, as it was written and in ten-thousandths. */
export interface SlotShare {
  readonly text: string;
  readonly parts: number;
}

interface AnySource {
  /** The best so many; more are taken where the rest of the recipe leaves the answer short. */
  readonly take: number;
  /** What it counts beside the others; above 0. */
  readonly weight: number;
  /** What it scores lower, it does not find; undefined: it finds whatever it scores. */
  readonly minScore: number | undefined;
}

/** What near means where there are several items: near the middle of all, or near any one of them. */
export type Nearness = 'all' | 'any';
/** `minEvents`: what has fewer is not found. */
type NearSource = AnySource & { readonly near: Nearness; readonly minEvents: number };

export type RecipeSource =
  /** The model's own score for the listener. */
  | (AnySource & { readonly source: 'user'; readonly halfLife: Age | undefined })
  /** Items near those that are named, here or by --seed-item. */
  | (NearSource & { readonly source: 'seeds'; readonly items: readonly string[] })
  /** Items near some of the listener's seen items. */
  | (NearSource & {
      readonly source: 'similar-to-history';
      readonly items: number;
      readonly pick: 'recent' | 'most-played';
    })
  /** By number of events; by number of listeners whose last one of it is that young, where `within` is given. */
  | (AnySource & { readonly source: 'popular'; readonly within: Age | undefined });

export interface Recipe {
  /** What it was asked for by: a name, or the path of a file. */
  readonly name: string;
  /** A line that says what it is for; '' where it says none. */
  readonly about: string;
  readonly sources: readonly RecipeSource[];
  readonly combine: 'scores' | 'ranks';
  readonly filters: {
    readonly leaveOut: 'heard' | 'nothing';
    readonly where: string | undefined;
    readonly recent: Age | undefined;
    readonly exclude: readonly string[];
    /** Of the score after re-scoring; undefined: any will do. */
    readonly minScore: number | undefined;
  };
  readonly rescore: {
    /** γ; 0 changes nothing. */
    readonly popularityDiscount: number;
    readonly freshness: { readonly boost: number; readonly halfLife: Age } | undefined;
    /** φ; 0 changes nothing. */
    readonly familiarity: number;
    /** The factor of an item that was shown before; undefined: nothing can be said to be. */
    readonly shown: number | undefined;
  };
  readonly diversity: {
    /** λ. */
    readonly mmr: number | undefined;
    readonly maxPerArtist: number | undefined;
    readonly maxPerAlbum: number | undefined;
  };
  readonly promote: Promotion | undefined;
  readonly explore: Exploration | undefined;
  readonly order: 'score' | 'smooth';
  /** Items of an answer, or of each of its rows. */
  readonly length: number;
  /** A start page: so many rows, each of a part of the history with at least so many items. */
  readonly rows: { readonly count: number; readonly fromAtLeast: number } | undefined;
  /** Where its file holds each key. */
  readonly places: RecipePlaces;
}

/** A share of the slots is for the best of these items: those for which `where` holds, and those that are named. */
export interface Promotion {
  readonly share: SlotShare;
  readonly where: string | undefined;
  readonly items: readonly string[];
}

/** A share of the slots is for items that are drawn: of those for which all that is said holds, from the best `from`. */
export interface Exploration {
  readonly share: SlotShare;
  readonly where: string | undefined;
  readonly recent: Age | undefined;
  readonly maxEvents: number | undefined;
  readonly from: number;
  readonly seed: number;
  /** How long a draw lasts; undefined: for good. */
  readonly every: Age | undefined;
}

export const defaultTake = 500;
export const defaultLength = 10;
/** Items that an explored slot is drawn from. */
export const defaultFrom = 100;

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
