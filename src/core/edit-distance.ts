/**
 * Levenshtein's distance: how many UTF-16 units must be inserted, deleted or replaced to make `b` of `a`.
 * Cost: a.length × b.length steps, for the few hundred pairs that a miss compares; a package for it takes longer to
 * load than they take.
 */
export function editDistance(a: string, b: string): number {
  // row[j] is the distance between the first i units of `a` and the first j of `b`.
  const row = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0] ?? 0;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] ?? 0;
      const left = row[j - 1] ?? 0;
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      row[j] = same ? diagonal : 1 + Math.min(diagonal, above, left);
      diagonal = above;
    }
  }
  return row[b.length] ?? 0;
}

/** No word that is known is much longer; what is longer was never meant to be one of them. */
const mostCharacters = 256;

/** The word with each two neighbours in each other's place: one slip of the fingers, and two edits. */
function swaps(word: string): string[] {
  return Array.from({ length: word.length - 1 }, (_, at) =>
    [word.slice(0, at), word[at + 1], word[at], word.slice(at + 2)].join(''),
  );
}

/** The nearest of the words that are known, where no more than a third of `word` has to be edited, and never all of it. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  if (word.length > mostCharacters) return undefined;
  const most = Math.min(word.length - 1, Math.max(1, word.length / 3));
  let best: string | undefined;
  let fewest = Infinity;
  for (const other of known) {
    // Lengths alone say so much already, and spare the work.
    if (Math.abs(other.length - word.length) > most) continue;
    const whole = editDistance(word, other);
    // A swap saves one edit at most.
    const isWorth = whole - 1 <= most && whole - 1 < fewest;
    const edits = isWorth
      ? Math.min(whole, ...swaps(word).map((each) => 1 + editDistance(each, other)))
      : whole;
    if (edits > most || edits >= fewest) continue;
    best = other;
    fewest = edits;
  }
  return best;
}
