import { bar } from '../cli/terminal/bar.js';
import { fixed } from '../cli/terminal/numbers.js';

export interface SimilarityBar {
  readonly filled: string;
  /** What is left up to a similarity of 1, in spaces. */
  readonly rest: string;
}

/** A bar of `width` columns for a similarity of 1; what is not above 0 has none. */
export function similarityBar(similarity: number, width: number): SimilarityBar {
  const filled = bar(similarity, width);
  return { filled, rest: ' '.repeat(width - filled.length) };
}

/** A similarity in five columns: ` 0.93`, `-0.07`. */
export function similarityText(similarity: number): string {
  return fixed(similarity, 2).padStart(5);
}
