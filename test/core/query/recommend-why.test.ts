import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { recommend, type RecommendOptions, type RecommendResult } from '#dist/core/library.js';
import { listening } from '../../helpers/snapshots.js';
import { makeFolder, type Folder } from '../../helpers/trained-root.js';
import { words } from '../../helpers/words.js';

const numItems = 60;
const idOf = (item: number): string => `i${String(item).padStart(2, '0')}`;

/** Plays of 30 users, with repeats, likes, dislikes and bans; and users without a like. */
function events(): string {
  const random = seededRandom(9);
  const lines = ['user,item,weight,time,type'];
  for (let user = 0; user < 30; user++) {
    for (let n = 0; n < 15; n++) {
      const item = Math.floor(numItems * random.nextFraction() ** 2);
      const type = (['dislike', 'like', 'ban'] as const)[random.nextBelow(8)] ?? 'play';
      const day = 1 + random.nextBelow(28);
      lines.push(
        `u${user},${idOf(item)},${1 + random.nextBelow(4)},2024-02-${String(day).padStart(2, '0')},${type}`,
      );
    }
  }
  lines.push(`banner,${idOf(0)},1,2024-02-01,ban`, `hater,${idOf(1)},1,2024-02-01,dislike`);
  lines.push(`hater,${idOf(2)},1,2024-02-03,ban`);
  return `${lines.join('\n')}\n`;
}

const models = {
  als: ['--factors', '8', '--epochs', '2'],
  aged: ['--factors', '5', '--epochs', '2', '--half-life', '10d', '--item-discount', '0.5'],
  hu: ['--factors', '8', '--epochs', '2', '--objective', 'hu'],
  item2vec: ['--model', 'item2vec', '--factors', '8', '--epochs', '2', '--recency', '3'],
  ease: ['--model', 'ease', '--reg', '2'],
  slim: ['--model', 'slim', '--neighbours', '9'],
  spectral: ['--model', 'spectral', '--factors', '8', '--half-life', '10d'],
  hits: ['--model', 'popularity'],
};

let folder: Folder;
beforeAll(async () => {
  folder = makeFolder();
  writeFileSync(join(folder.path, 'events.csv'), events());
  const items = Array.from(
    { length: numItems + 1 },
    (_, item) => `${idOf(item)},Song ${item},${90 - item},${item % 2},Band ${item % 6}`,
  );
  writeFileSync(join(folder.path, 'items.csv'), `id,name,rank,score,artist\n${items.join('\n')}\n`);
  for (const [tag, flags] of Object.entries(models)) {
    await folder.segue(words`train events.csv --items items.csv --tag ${tag} --threads 1 ${flags}`);
  }
});
afterAll(() => folder.remove());

type Question = Partial<Omit<RecommendOptions, 'snapshot'>>;
type Asked = Question & { readonly snapshot: keyof typeof models };

async function ask(asked: Asked, context = listening()): Promise<RecommendResult> {
  const root = join(folder.path, 'root');
  const [result] = await recommend({ root, ...asked }, context);
  return result!;
}

const whoever: Question[] = [
  ...['u0', 'u21'].map((user) => ({ users: [user] })),
  { users: ['u3'], includeHeard: true },
  { like: [idOf(2), idOf(5)], dislike: [idOf(9)] },
  { users: ['u3'], like: [idOf(50)], dislike: [idOf(0)] },
];

describe.each(['als', 'aged', 'hu', 'item2vec', 'ease', 'slim', 'spectral'] as const)(
  'explanations of %s',
  (snapshot) => {
    it('add up to the score that is printed, whatever is named and whatever summed', async () => {
      for (const who of whoever) {
        const all = await ask({ snapshot, ...who, explain: true, reasons: 1000 });
        expect(all.scoredBy).toBe('own-items');
        for (const { score, because, rest } of all.recommendations) {
          const parts = because!.map(({ contribution }) => contribution);
          expect(rest).toEqual({ items: 0, contribution: 0, share: score > 0 ? 0 : null });
          const scale = parts.reduce((sum, part) => sum + Math.abs(part), Math.abs(score));
          expect(Math.abs(parts.reduce((sum, part) => sum + part, 0) - score)).toBeLessThanOrEqual(
            4e-6 * scale,
          );
          expect(parts.map(Math.abs)).toEqual(parts.map(Math.abs).sort((a, b) => b - a));
          because!.forEach(({ share, contribution }) => {
            expect(share).toBe(score > 0 ? contribution / score : null);
          });
        }
        const few = await ask({ snapshot, ...who, explain: true, reasons: 2 });
        few.recommendations.forEach(({ because, rest, ...item }, at) => {
          const whole = all.recommendations[at]!;
          expect(whole).toMatchObject({ ...item, because: expect.arrayContaining([...because!]) });
          expect(because).toEqual(whole.because!.slice(0, 2));
          const left = whole.because!.slice(2);
          expect(rest!.items).toBe(left.length);
          expect(rest!.contribution).toBeCloseTo(
            left.reduce((sum, { contribution }) => sum + contribution, 0),
            12,
          );
        });
      }
    });

    it('name every item of the history that adds something, with what was done with it', async () => {
      const { recommendations } = await ask({
        ...{ snapshot, users: ['hater'], like: [idOf(5)], explain: true, reasons: 10, k: 1000 },
      });
      // Of slim an item may be near to one of them alone.
      const { because } = recommendations.find((item) => item.because!.length > 1)!;
      expect([...because!].sort((a, b) => a.id.localeCompare(b.id))).toMatchObject([
        { id: idOf(1), name: 'Song 1', opinion: 'disliked', plays: 1, lastAt: '2024-02-01T00:00:00.000Z' },
        { id: idOf(5), name: 'Song 5', opinion: 'liked', plays: 1, lastAt: null },
      ]);
    });

    it('do not change the answer', async () => {
      const plain = await ask({ snapshot, users: ['u4'] });
      const explained = await ask({ snapshot, users: ['u4'], explain: true, whyNot: [idOf(3)] });
      expect(Object.keys(plain)).toEqual(['snapshot', 'user', 'recommendations']);
      expect(
        explained.recommendations.map((recommendation) => {
          const { because, rest, ...item } = recommendation;
          expect([because, rest]).not.toContain(undefined);
          return item;
        }),
      ).toEqual(plain.recommendations);
    });
  },
);

it('items that nothing of the history speaks for come by their events, and name none of it', async () => {
  const eventsOf = new Map<string, number>();
  for (const line of events().split('\n').slice(1)) {
    const [, item = ''] = line.split(',');
    eventsOf.set(item, (eventsOf.get(item) ?? 0) + 1);
  }
  const asked = { snapshot: 'slim', like: [idOf(2), idOf(40)], explain: true, reasons: 1000 } as const;
  const { recommendations } = await ask({ ...asked, k: 1000 });
  const others = recommendations.filter(({ score }) => score === 0);
  const plays = others.map(({ id }) => eventsOf.get(id) ?? 0);
  expect(others.length).toBeGreaterThan(9);
  expect(plays).toEqual([...plays].sort((a, b) => b - a));
  expect(new Set(plays).size).toBeGreaterThan(3);
  for (const { because, rest } of others) {
    expect(because).toEqual([]);
    expect(rest).toEqual({ items: 0, contribution: 0, share: null });
  }
  for (const { because } of recommendations)
    for (const { contribution } of because!) expect(contribution).not.toBe(0);
});

it('columns of the catalogue that are called as what an answer has itself do not take its place', async () => {
  const { recommendations } = await ask({ snapshot: 'als', users: ['u4'], where: 'rank > 50 and score = 1' });
  expect(recommendations.length).toBeGreaterThan(5);
  expect(recommendations.map(({ rank }) => rank)).toEqual(recommendations.map((_, at) => at + 1));
  for (const { id, score } of recommendations) {
    expect(Number(id.slice(1)) % 2).toBe(1);
    expect(Number.isInteger(score)).toBe(false);
  }
});

it('what is scored the same for everyone says so instead of naming items', async () => {
  const result = await ask({ snapshot: 'hits', users: ['u4'], explain: true, whyNot: [idOf(59)] });
  expect(result).toMatchObject({ scoredBy: 'popularity', whyNot: [{ id: idOf(59) }] });
  for (const item of [...result.recommendations, ...result.whyNot!]) {
    expect(item).not.toHaveProperty('because');
  }
});

const everything = Array.from({ length: numItems }, (_, item) => idOf(item));

describe.each(['als', 'item2vec', 'ease', 'spectral', 'hits'] as const)('whyNot of %s', (snapshot) => {
  it('knows the place of every item among all that may be recommended', async () => {
    for (const who of whoever) {
      const { recommendations: all } = await ask({ snapshot, ...who, k: 1000, exclude: [idOf(7)] });
      const { recommendations, whyNot } = await ask({
        ...{ snapshot, ...who, k: 5, exclude: [idOf(7)] },
        whyNot: everything.filter((id) => all.some((item) => item.id === id)),
      });
      expect(whyNot).toHaveLength(all.length);
      for (const { id, reason, reasons, rank, score, of, kthScore } of whyNot!) {
        const place = all.find((item) => item.id === id)!;
        expect({ rank, score }).toEqual({ rank: place.rank, score: place.score });
        expect(of).toBe(all.length);
        expect(kthScore).toBe(recommendations[4]!.score);
        expect(reasons).toEqual([place.rank <= 5 ? 'recommended' : 'outranked']);
        expect(reason).toBe(reasons[0]);
      }
    }
  });

  it('says the place that an item would have which is kept away', async () => {
    const { recommendations, whyNot } = await ask({ snapshot, users: ['u5'], k: 1000, whyNot: everything });
    const kept = whyNot!.filter(({ reason }) => !['recommended', 'no-vector'].includes(reason));
    expect(kept.length).toBeGreaterThan(5);
    for (const { rank, score, of } of kept) {
      const better = recommendations.filter((item) => item.score > score!).length;
      const asGood = recommendations.filter((item) => item.score === score).length;
      expect(rank).toBeGreaterThan(better);
      expect(rank).toBeLessThanOrEqual(better + asGood + 1);
      expect(of).toBe(recommendations.length + 1);
    }
  });
});

describe('whyNot', () => {
  const reasonsOf = async (asked: Question): Promise<readonly (readonly string[])[]> =>
    (await ask({ snapshot: 'als', ...asked })).whyNot!.map(({ reasons }) => reasons);

  it('tells everything that keeps an item away', async () => {
    const whyNot = ['id:i01', 'Song 2', 'song 3', idOf(4), idOf(numItems)];
    expect(
      await reasonsOf({ users: ['hater'], like: [idOf(4)], exclude: [idOf(3), idOf(2)], whyNot }),
    ).toEqual([['disliked'], ['banned', 'excluded'], ['excluded'], ['liked'], ['no-vector']]);
    expect(await reasonsOf({ users: ['hater'], like: [idOf(2)], whyNot: [idOf(2)] })).toEqual([
      ['banned', 'liked'],
    ]);
    expect(
      await reasonsOf({ users: ['hater'], like: [idOf(4)], includeHeard: true, k: 1000, whyNot: [idOf(4)] }),
    ).toEqual([['recommended']]);
  });

  it('names the flags that leave an item out', async () => {
    const only = join(folder.path, 'only.txt');
    writeFileSync(only, `${[3, 4, 5, 40, numItems].map(idOf).join('\n')}\n`);
    const { whyNot, recommendations } = await ask({
      ...{ snapshot: 'als', like: [idOf(20)], where: 'name != "Song 4"', only, exclude: [idOf(5), idOf(6)] },
      whyNot: [3, 4, 5, 6, 20, numItems].map(idOf),
    });
    expect(recommendations).toHaveLength(2);
    expect(whyNot!.map(({ reasons, flags, of }) => [...reasons, ...flags, of])).toEqual([
      ['recommended', 2],
      ['filtered', '--where', 3],
      ['excluded', '--exclude', 3],
      ['excluded', 'filtered', '--exclude', '--only', 3],
      ['liked', 'filtered', '--only', 3],
      ['no-vector', 3],
    ]);
  });

  it('tells a cap from a place that is too far down', async () => {
    const question = { snapshot: 'als', users: ['u1'], maxPerArtist: 1 } as const;
    const { recommendations: all } = await ask({ ...question, maxPerArtist: undefined, k: 1000 });
    for (const k of [2, 4, 1000]) {
      const { recommendations, whyNot } = await ask({ ...question, k, whyNot: all.map(({ id }) => id) });
      const last = all.findIndex(({ id }) => id === recommendations.at(-1)!.id);
      whyNot!.forEach(({ id, reason, rank }, at) => {
        expect(rank).toBe(at + 1);
        const isThere = recommendations.some((item) => item.id === id);
        const isReached = at < last || recommendations.length < k;
        expect(reason).toBe(isThere ? 'recommended' : isReached ? 'capped' : 'outranked');
      });
    }
  });

  it('gives when something was heard, how often, and what else the score needed', async () => {
    const { recommendations } = await ask({ snapshot: 'als', users: ['u1'], includeHeard: true, k: 1000 });
    const fresh = await ask({ snapshot: 'als', users: ['u1'], k: 1000 });
    const heard = recommendations.find(({ id }) => fresh.recommendations.every((item) => item.id !== id))!;
    const { whyNot } = await ask({ snapshot: 'als', users: ['u1'], k: 1000, whyNot: [heard.id] });
    expect(whyNot).toMatchObject([
      { reason: 'heard', plays: expect.any(Number), score: heard.score, kthScore: null },
    ]);
    expect(whyNot![0]!.plays).toBeGreaterThan(0);
    expect(whyNot![0]!.lastAt).toMatch(/^2024-02-\d\dT00:00:00\.000Z$/);
  });

  it('has no score and no place for an item that nobody played', async () => {
    const { whyNot } = await ask({ snapshot: 'als', users: ['u1'], explain: true, whyNot: [idOf(numItems)] });
    expect(whyNot).toMatchObject([{ reason: 'no-vector', rank: null, score: null, plays: 0, lastAt: null }]);
    expect(whyNot![0]).not.toHaveProperty('because');
  });

  it('explains the scores of what is absent too, where that is asked for', async () => {
    const { whyNot } = await ask({
      ...{ snapshot: 'als', users: ['u1'], explain: true, reasons: 1000 },
      whyNot: [idOf(numItems), idOf(40), idOf(40)],
    });
    const [, first, second] = whyNot!;
    expect(first).toEqual(second);
    const sum = first!.because!.reduce((total, { contribution }) => total + contribution, 0);
    expect(sum).toBeCloseTo(first!.score!, 5);
  });

  it('refuses an item that is not known, with what may have been meant', async () => {
    await expect(ask({ snapshot: 'als', users: ['u1'], whyNot: ['Song 999'] })).rejects.toEqual(
      expect.objectContaining({ code: 'item-not-found' }),
    );
  });
});

describe('somebody of whom no like is known', () => {
  const popular = async (who: Question, snapshot: keyof typeof models = 'als') => {
    const context = listening();
    const result = await ask({ snapshot, k: 1000, ...who }, context);
    return { ...result, warnings: context.told.filter(({ kind }) => kind === 'warning') };
  };

  it.each(['als', 'hu', 'item2vec', 'ease', 'spectral'] as const)(
    'gets what is played most from %s, without what they banned or dislike, and is told so',
    async (snapshot) => {
      const { recommendations: everyone } = await ask({ snapshot: 'hits', like: [idOf(59)], k: 1000 });
      for (const user of ['banner', 'hater']) {
        const { fallback, recommendations, warnings } = await popular({ users: [user] }, snapshot);
        expect(fallback).toBe('popularity');
        expect(warnings).toMatchObject([
          { message: expect.stringContaining(`popularity fallback: ${user} has no known likes`) },
        ]);
        const scores = recommendations.map(({ score }) => score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
        expect(scores.every((score) => Number.isInteger(score) && score > 0)).toBe(true);
        const absent = user === 'banner' ? [idOf(0)] : [idOf(1), idOf(2)];
        expect(recommendations.map(({ id }) => id)).not.toEqual(expect.arrayContaining([absent[0]]));
        expect(recommendations.length + absent.length).toBeGreaterThanOrEqual(everyone.length);
      }
    },
  );

  it('gets it as a new user, too, and can ask why', async () => {
    const result = await popular({ dislike: [idOf(0)], explain: true, whyNot: [idOf(0), idOf(30)] });
    expect(result).toMatchObject({ user: null, fallback: 'popularity', scoredBy: 'popularity' });
    expect(result.whyNot).toMatchObject([{ reason: 'disliked' }, { reason: 'recommended' }]);
    const place = result.recommendations.find(({ id }) => id === idOf(30))!;
    expect(result.whyNot![1]).toMatchObject({ rank: place.rank, score: place.score });
    expect(result.warnings).toMatchObject([{ message: expect.stringContaining('a new user') }]);
  });

  it('is somebody else once they like something', async () => {
    const result = await popular({ users: ['hater'], like: [idOf(5)] });
    expect(result).not.toHaveProperty('fallback');
    expect(result.warnings).toEqual([]);
    expect(result.recommendations.some(({ score }) => score !== Math.round(score))).toBe(true);
  });

  it('can be asked about by the recipe that an unknown user is offered', async () => {
    const [failure] = await folder.json(['recommend', 'nobody', '--snapshot', 'als'], 3);
    const error = failure!['error'] as { code: string; suggestions: string[] };
    expect(error.code).toBe('user-not-found');
    expect(error.suggestions.at(-1)).toContain('segue recommend --recipe popular');
    const [offered] = await folder.json(['recommend', '--recipe', 'popular', '--snapshot', 'als', '-k', '5']);
    const { recommendations } = await popular({ dislike: [idOf(59)], k: 5 });
    const ids = (items: readonly { id: string }[]): string[] => items.map(({ id }) => id);
    expect(ids(offered!['recommendations'] as { id: string }[])).toEqual(ids(recommendations));
  });

  it('is nobody special to a model that scores everyone alike', async () => {
    expect(await popular({ users: ['banner'] }, 'hits')).not.toHaveProperty('fallback');
  });
});
