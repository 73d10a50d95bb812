import { seededRandom } from '#dist/core/numeric/random.js';

/** Distinct items of so many users out of 60: each likes a fifth of them, and a few of the others. The same at every call. */
export function plantedTastes(numUsers: number): number[][] {
  const random = seededRandom(5);
  const like = (user: number): number =>
    random.nextBelow(4) > 0 ? 5 * random.nextBelow(12) + (user % 5) : random.nextBelow(60);
  return Array.from({ length: numUsers }, (_, user) => {
    const own = new Set<number>();
    for (let draw = 0; draw < 24 && own.size < 8; draw++) own.add(like(user));
    return [...own].sort((a, b) => a - b);
  });
}

/** Of 200 items what is popular, and nothing else. */
export function plantedHits(numUsers: number): number[][] {
  const random = seededRandom(5);
  return Array.from({ length: numUsers }, () => {
    const own = new Set<number>();
    for (let draw = 0; draw < 24 && own.size < 8; draw++)
      own.add(Math.floor(200 * random.nextFraction() ** 3));
    return [...own].sort((a, b) => a - b);
  });
}
