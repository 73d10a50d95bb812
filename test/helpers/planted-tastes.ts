import { seededRandom } from '#dist/core/numeric/random.js';

/**
 * Distinct items of so many users, an eighth of `numItems` each: a user likes a fifth of the items, and a few of the others. The
 * same at every call. Of 60 items they are too little work for a trial of models; of 240 three models are tried.
 */
export function plantedTastes(numUsers: number, numItems = 60): number[][] {
  const random = seededRandom(5);
  const like = (user: number): number =>
    random.nextBelow(4) > 0 ? 5 * random.nextBelow(numItems / 5) + (user % 5) : random.nextBelow(numItems);
  return Array.from({ length: numUsers }, (_, user) => {
    const own = new Set<number>();
    for (let draw = 0; draw < numItems / 2.5 && own.size < Math.ceil(numItems / 8); draw++)
      own.add(like(user));
    return [...own].sort((a, b) => a - b);
  });
}

/**
 * What is popular, and nothing else. As it is, all of 400 users are tried with three models; of 200 items, 40 each with an exponent of
 * 2, als is worse after its first epoch.
 */
export function plantedHits(numUsers: number, numItems = 400, each = 24, exponent = 3.5): number[][] {
  const random = seededRandom(5);
  return Array.from({ length: numUsers }, () => {
    const own = new Set<number>();
    for (let draw = 0; draw < 3 * each && own.size < each; draw++)
      own.add(Math.floor(numItems * random.nextFraction() ** exponent));
    return [...own].sort((a, b) => a - b);
  });
}
