/** Which of the known words may have been meant. */
import { nearestWord } from '../../core/edit-distance.js';

/** The nearest of `known` (at most one), if it is near; else the only one that begins with the word. */
export function closestTo(word: string, known: readonly string[]): string[] {
  const near = nearestWord(word, known);
  if (near !== undefined) return [near];
  const longer = known.filter(
    (candidate) => word.length >= 2 && candidate !== word && candidate.startsWith(word),
  );
  return longer.length === 1 ? longer : [];
}
