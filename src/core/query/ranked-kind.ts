/** What recommends one kind of an open snapshot, each part opened when it is first asked for, and once. */
import { Closers } from '../closers.js';
import type { Pairs, RankedItem } from '../contracts.js';
import { bestCapped, type Cap } from '../search/capped-ranking.js';
import type { SearchWays } from '../search/search-thread.js';
import { numRanked, requireKind, type FoundKind, type Kind } from '../snapshot/kinds.js';
import { trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { artistCap } from './artists-of-rows.js';
import { exclusionsOf, type Exclusions, type Limits } from './exclusions.js';
import { readItemGroups } from './item-groups.js';
import { openScorer } from './open-scorer.js';
import type { OpenScorer } from './scoring/scorer.js';
import { popularItems, type PopularItems } from './popular-items.js';

export class RankedKind {
  readonly snapshot: OpenSnapshot;
  readonly name: Kind;
  readonly files: FoundKind;
  /** Rows that have vectors, or scores. */
  readonly numRows: number;
  readonly #ways: SearchWays;
  readonly #opened = new Closers();
  #scorer: OpenScorer | undefined;
  #exclusions: Exclusions | undefined;
  #popular: Promise<PopularItems> | undefined;
  #artists: Cap | undefined;

  /** AppError 'missing-part' for a kind that the snapshot has no vectors of. */
  constructor(snapshot: OpenSnapshot, kind: string, ways: SearchWays) {
    this.snapshot = snapshot;
    this.files = requireKind(snapshot, kind);
    this.name = this.files.name;
    this.numRows = numRanked(snapshot, this.name);
    this.#ways = ways;
  }

  get scorer(): OpenScorer {
    return (this.#scorer ??= this.#opened.keep(openScorer(this.snapshot, this.files, this.#ways)));
  }

  /** The best for a history, without the rows of `leaveOut`: fewer than k only where fewer are left. */
  best(history: Pairs, leaveOut: Iterable<number>, { k, among, cap }: Limits): RankedItem[] {
    const best = (count: number, out: Iterable<number>): RankedItem[] =>
      this.scorer.best(history, count, out, among);
    return cap === undefined ? best(k, leaveOut) : bestCapped(best, k, leaveOut, cap);
  }

  get exclusions(): Exclusions {
    const { name } = this;
    return (this.#exclusions ??= exclusionsOf(
      name === trainedKind ? undefined : readItemGroups(this.snapshot, name, this.numRows),
    ));
  }

  /** AppError 'missing-part' where it is not known how often anything was played. */
  popular(): Promise<PopularItems> {
    return (this.#popular ??= popularItems(this.snapshot, this.files, this.numRows));
  }

  /** Errors as `artistCap`. */
  async cap(most: number | undefined): Promise<Cap | undefined> {
    if (most === undefined) return undefined;
    this.#artists ??= await artistCap(this.snapshot, this.files, most, this.numRows);
    return this.#artists && { ...this.#artists, most };
  }

  close(): void {
    this.#opened.close();
  }
}
