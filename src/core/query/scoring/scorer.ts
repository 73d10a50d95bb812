/** What a snapshot's model scores with, whichever it is. */
import type { OpenRanker, Pairs, RankedItem, TaskContext } from '../../contracts.js';
import type { Decay } from '../../models/folding/decay.js';
import type { ScoreParts } from '../../models/folding/score-parts.js';
import type { RowSet } from '../../search/row-set.js';
import type { EachScores } from '../../search/score-scan.js';
import type { BlockQuery, BlockScorer } from '../many/score-blocks.js';

/** Scores of a kind for one user at a time, by their history. */
export interface Scorer {
  /**
   * The best k rows for a history (pairs with a single row) among the rows of `among` (undefined: all; else a set over the
   * kind's rows), the rows of `leaveOut` left out, both during the search: fewer than k only where fewer are left.
   */
  best(history: Pairs, k: number, leaveOut: Iterable<number>, among?: RowSet): RankedItem[];
  /**
   * Whether nothing in a history says what its user likes: nothing of it is liked, or the model knows nothing of what is.
   * Every item scores 0 then, or by its distance from what is disliked, and the order of items means nothing. Never where
   * scores are the same for everyone.
   */
  isColdStart(history: Pairs): boolean;
  explain(history: Pairs): ExplainedScores;
}

/** One user's scores, and what they are made of. */
export interface ExplainedScores {
  /** Whose product with an item's vector its score is; absent where scores are made otherwise. */
  readonly vector?: Float32Array;
  /** Every score, in the order of rows: the bits that the scorer ranks by. */
  visit(each: EachScores): void;
  /** What each item of the history adds to the score of a row; undefined where scores are the same for everyone. */
  parts(): ExplainedParts | undefined;
}

/** With `baseline` the parts add up to the score. */
export interface ExplainedParts extends ScoreParts<number> {
  /** Of a blend: the member that each part comes from, [items.length]; an item may be there once for either. */
  readonly members?: readonly string[];
  /** Of a blend: what its members' means take from every score. */
  readonly baseline?: number;
}

/** A snapshot's model, open. What it opens is closed before it. */
export interface OpenScorer extends Scorer {
  /** The same model where older listening counts less in this way, whatever it did in training. */
  aged(decay: Decay): Scorer;
  /** For users of the snapshot, a block at a time. AppError 'too-large' where what is searched does not fit. */
  openBlocks(question: BlockQuery, context: TaskContext): Promise<BlockScorer>;
  /** For many histories of whomever: to measure a model by. What is searched is read into memory. AppError 'too-large' past 4 GiB. */
  openRanker(threads: number, context: TaskContext): Promise<OpenRanker>;
  close(): void;
}
