import { describe, expect, it } from 'vitest';
import { banned, preferred } from '#dist/core/numeric/pairs.js';
import {
  gatherUsers,
  holdOut,
  isWanted,
  pairsMarked,
  usersAt,
  usersOf,
} from '#dist/core/numeric/split-pairs.js';
import type { Pairs } from '#dist/core/contracts.js';
import { pairsOf, plantedEntries } from '../../helpers/sparse.js';

const pairs = pairsOf(plantedEntries(400, 60, { perUser: 12, dislikes: 0.2 }), 60);

/** Every pair as text, user by user. */
function described({ numUsers, indptr, item, weight, count, lastAt, flags }: Pairs, firstUser = 0): string[] {
  return Array.from({ length: numUsers }, (_, u) =>
    [...item.subarray(indptr[u], indptr[u + 1])].map((row, at) => {
      const p = indptr[u]! + at;
      return `${firstUser + u} ${row} ${weight[p]} ${count[p]} ${lastAt[p]} ${flags[p]}`;
    }),
  ).flat();
}

describe('holdOut', () => {
  const { train, test } = holdOut(pairs, 0.25, 3);

  it('parts the pairs: each in one half, about the fraction of the liked and played held out', () => {
    expect([...described(train), ...described(test)].sort()).toEqual(described(pairs).sort());
    const wanted = Array.from(pairs.item.keys()).filter((p) => isWanted(pairs, p)).length;
    expect(test.item.length / wanted).toBeCloseTo(0.25, 1);
  });

  it('never holds out a dislike or a ban, nor the last liked pair of a user', () => {
    const flags = pairs.flags.map((flag, p) => (p % 7 === 0 ? banned : flag));
    const withBans = { ...pairs, flags };
    expect(holdOut(withBans, 0.5, 1).test.flags.every((flag) => flag === preferred)).toBe(true);
    const all = holdOut(withBans, 1, 3);
    for (let u = 0; u < pairs.numUsers; u++) {
      const liked = (part: Pairs): number => {
        let n = 0;
        for (let p = part.indptr[u]!; p < part.indptr[u + 1]!; p++) n += isWanted(part, p) ? 1 : 0;
        return n;
      };
      if (liked(withBans) > 0) expect(liked(all.train)).toBe(1);
    }
  });

  it('is the same for the same seed, and another for another', () => {
    expect(holdOut(pairs, 0.25, 3)).toEqual({ train, test });
    expect(described(holdOut(pairs, 0.25, 4).test)).not.toEqual(described(test));
  });
});

describe('parts of pairs', () => {
  it('takes consecutive users, and chosen users, with all that their pairs hold', () => {
    const lines = described(pairs);
    const of = (users: number[]): string[] =>
      users.flatMap((u, at) =>
        lines.filter((line) => line.startsWith(`${u} `)).map((line) => line.replace(/^\d+/, `${at}`)),
      );
    expect(described(usersOf(pairs, 5, 9))).toEqual(of([5, 6, 7, 8]));
    expect(described(usersAt(pairs, [7, 0, 7]))).toEqual(of([7, 0, 7]));
    expect(usersAt(pairs, []).numUsers).toBe(0);
  });

  it('are gathered from several sets', () => {
    const others = pairsOf(plantedEntries(30, 60, { perUser: 5, dislikes: 0 }), 60);
    const from = [others, pairs, pairs, others];
    const users = [3, 7, 0, 29];
    const gathered = gatherUsers(users, (at) => from[at]!, 60);
    expect(gathered).toMatchObject({ numUsers: 4, numItems: 60 });
    expect(described(gathered)).toEqual(
      users.flatMap((user, at) => described(usersOf(from[at]!, user, user + 1), at)),
    );
  });

  it('takes the pairs that are marked', () => {
    const marks = pairs.item.map((_, p) => p % 3) as unknown as Uint8Array;
    const parts = [0, 1, 2].map((wanted) => pairsMarked(pairs, Uint8Array.from(marks), wanted));
    expect(parts.flatMap((part) => described(part)).sort()).toEqual(described(pairs).sort());
  });
});
