/** Which of the known words may have been meant. */
import { distance } from 'fastest-levenshtein';

/** No command, flag or model has a name that is nearly as long. */
const mostCharacters = 256;

function swaps(word: string): string[] {
  return Array.from(
    word.slice(1),
    (letter, at) => word.slice(0, at) + letter + word[at]! + word.slice(at + 2),
  );
}

/**
 * The nearest of `known` (at most one), if it is near: no more edits than a third of the word, at least one, and never
 * all of it; else the only one that begins with the word.
 */
export function closestTo(word: string, known: readonly string[]): string[] {
  if (word.length > mostCharacters) return [];
  let best: string | undefined;
  let bestDistance = Math.min(word.length - 1, Math.max(1, Math.floor(word.length / 3))) + 1;
  for (const candidate of known) {
    // Two neighbours that changed places are one slip of the fingers.
    const edits = Math.min(
      distance(word, candidate),
      ...swaps(word).map((each) => 1 + distance(each, candidate)),
    );
    if (edits < bestDistance) {
      best = candidate;
      bestDistance = edits;
    }
  }
  if (best !== undefined) return [best];
  const longer = known.filter((candidate) => word.length >= 2 && candidate.startsWith(word));
  return longer.length === 1 ? longer : [];
}
