import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coldSplit, leaveLastOut, mark, randomSplit, strongSplit } from '#dist/core/numeric/splits.js';
import { pairsOf, plantedEntries } from '../../helpers/sparse.js';

const pairs = pairsOf(plantedEntries(200, 40, { perUser: 14, dislikes: 0.2 }), 40);
const wanted = (p: number): boolean => pairs.flags[p] === 1 && pairs.weight[p]! > 0n;
const rowOf = (u: number): number[] =>
  Array.from({ length: pairs.indptr[u + 1]! - pairs.indptr[u]! }, (_, at) => pairs.indptr[u]! + at);
const users = Array.from({ length: pairs.numUsers }, (_, u) => u);

describe('strongSplit', () => {
  const split = (part: 'valid' | 'test', seed = 7) =>
    strongSplit(pairs, { held: 30, share: 0.2, part, seed });

  it('trains on all but twice the held-out users, and on all of theirs', () => {
    const { marks } = split('test');
    const trained = users.filter((u) => rowOf(u).some((p) => marks[p] === mark.train));
    expect(trained).toHaveLength(140);
    for (const u of trained) expect(rowOf(u).every((p) => marks[p] === mark.train)).toBe(true);
  });

  it('takes a fifth of each held-out user, rounded down, as targets', () => {
    const { marks, heldOutUsers } = split('test');
    expect(heldOutUsers).toBe(30);
    for (const u of users) {
      const own = rowOf(u);
      const targets = own.filter((p) => marks[p] === mark.target);
      if (targets.length === 0) continue;
      const known = own.filter((p) => marks[p] !== mark.none && wanted(p));
      expect(targets).toHaveLength(Math.floor(0.2 * known.length));
      expect(known.length).toBeGreaterThanOrEqual(5);
      expect(targets.every(wanted)).toBe(true);
      expect(own.some((p) => marks[p] === mark.train)).toBe(false);
    }
  });

  it('measures other users for validation than for test, after the same training', () => {
    const [valid, test] = [split('valid').marks, split('test').marks];
    expect(valid.map((is) => Number(is === mark.train))).toEqual(test.map((is) => Number(is === mark.train)));
    expect(valid.some((is, p) => is === mark.target && test[p] !== mark.none)).toBe(false);
  });

  it('leaves out items that nobody trained on has, and users with fewer than five that are left', () => {
    // One of three users is trained on, and has items 0 … 5; the others have these and two of their own.
    const own = (items: number[]) => items.map((item) => [item, 1] as const);
    const all = [own([0, 1, 2, 3, 4, 5]), own([0, 1, 2, 3, 4, 5]), own([0, 1, 2, 3, 4, 5, 6, 7])];
    fc.assert(
      fc.property(fc.nat(50), (seed) => {
        const few = pairsOf(all, 8);
        const { marks, unknownPairs } = strongSplit(few, { held: 1, share: 0.2, part: 'test', seed });
        const trained = marks.filter((is) => is === mark.train).length;
        if (trained === 8) expect(unknownPairs).toBe(0);
        else expect([0, 2]).toContain(unknownPairs);
        expect(marks.filter((is) => is === mark.target)).toHaveLength(1);
      }),
    );
    const tooFew = pairsOf([own([0, 1, 2, 3, 4]), own([0, 1, 2, 3]), own([0, 1, 2, 3])], 5);
    const { marks } = strongSplit(tooFew, { held: 1, share: 0.2, part: 'test', seed: 1 });
    const measured = marks.filter((is) => is === mark.target).length;
    expect(measured).toBeLessThanOrEqual(1);
  });

  it('is the same for the same seed only', () => {
    expect(split('test')).toEqual(split('test'));
    expect(split('test', 8).marks).not.toEqual(split('test').marks);
  });
});

it('randomSplit takes floor(share · n) of what each user wanted, and never all', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.nat(1000), (share, seed) => {
      const marks = randomSplit(pairs, { share, seed });
      for (const u of users) {
        const n = rowOf(u).filter(wanted).length;
        const targets = rowOf(u).filter((p) => marks[p] === mark.target);
        expect(targets).toHaveLength(Math.max(0, Math.min(n - 1, Math.floor(share * n))));
        expect(targets.every(wanted)).toBe(true);
      }
      expect(marks.every((is) => is === mark.train || is === mark.target)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

describe('leaveLastOut', () => {
  const timed = (times: (number | undefined)[][], flags?: number[]) => {
    const some = pairsOf(
      times.map((row) => row.map((_, item) => [item, 1] as const)),
      8,
    );
    const lastAt = BigInt64Array.from(times.flat(), (at) => (at === undefined ? -(2n ** 63n) : BigInt(at)));
    return { ...some, lastAt, flags: flags === undefined ? some.flags : Uint8Array.from(flags) };
  };

  it('takes what came last, of users with two wanted items at least', () => {
    const { marks, tiedUsers } = leaveLastOut(timed([[3, 9, 5], [1], [8, 2]]), 1);
    expect([...marks]).toEqual([0, 1, 0, 0, 1, 0]);
    expect(tiedUsers).toBe(0);
  });

  it('passes over a dislike', () => {
    expect([...leaveLastOut(timed([[3, 9, 5]], [1, 0, 1]), 1).marks]).toEqual([0, 0, 1]);
  });

  it('draws among items of the same time, and counts such users', () => {
    const drawn = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      const { marks, tiedUsers } = leaveLastOut(timed([[5, 5, 5, 1]]), seed);
      expect(tiedUsers).toBe(1);
      return marks.indexOf(mark.target);
    });
    expect(new Set(drawn)).toEqual(new Set([0, 1, 2]));
  });

  it('goes by the order of events where that is given', () => {
    expect([...leaveLastOut(timed([[9, 5, 1]]), 1, [0, 1, 2]).marks]).toEqual([0, 0, 1]);
  });
});

describe('coldSplit', () => {
  const split = (seed: number, { share = 0.2, mostUsers = 1000 } = {}) =>
    coldSplit(pairs, { share, leastUsers, mostUsers, seed });
  const usersOf = Array.from({ length: pairs.numItems }, (_, i) => {
    return pairs.item.filter((item, p) => item === i && wanted(p)).length;
  });
  /** That some have exactly. */
  const leastUsers = usersOf.toSorted((a, b) => a - b)[10]!;
  const eligible = [...usersOf.keys()].filter((i) => usersOf[i]! >= leastUsers);

  it('holds a share of the items out with all their pairs, of those that enough users want', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.constantFrom(0.1, 0.2, 0.5), (seed, share) => {
        const { marks, cold } = split(seed, { share });
        expect(new Set(cold).size).toBe(Math.floor(share * eligible.length));
        for (const i of cold) expect(eligible).toContain(i);
        // Whoever has one: the pair is a target where its user wants it and has others, else nothing; and never trained on.
        const isCold = new Set(cold);
        const wantedMarks = [...pairs.item].map((i, p) => {
          if (!isCold.has(i)) return mark.train;
          return wanted(p) ? mark.target : mark.none;
        });
        expect([...marks]).toEqual(wantedMarks);
      }),
    );
  });

  it('draws others with another seed, and the users who are measured', () => {
    expect(split(1)).toEqual(split(1));
    expect(split(1).cold).not.toEqual(split(2).cold);
    const { marks, numMeasurable } = split(1, { mostUsers: 20 });
    const measured = users.filter((u) => rowOf(u).some((p) => marks[p] === mark.target));
    expect(measured).toHaveLength(20);
    const whole = split(1).marks;
    const measurable = users.filter((u) => rowOf(u).some((p) => whole[p] === mark.target));
    expect(numMeasurable).toBe(measurable.length);
    for (const u of measured) for (const p of rowOf(u)) expect(marks[p]).toBe(whole[p]);
    // What is trained on does not depend on who is measured.
    expect(marks.map((is) => Number(is === mark.train))).toEqual(
      whole.map((is) => Number(is === mark.train)),
    );
  });
});
