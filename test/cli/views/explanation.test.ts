import { describe, expect, it } from 'vitest';
import { drawAbsences, drawExplanation } from '#dist/cli/views/explanation.js';
import { drawRecommendations } from '#dist/cli/views/recommendations.js';
import type { ItemRecord } from '#dist/core/contracts.js';
import type { Screen } from '#dist/cli/terminal/screen.js';
import type { Reason, WhyNot } from '#dist/core/tasks/ask.js';

const pipe: Screen = { decorated: false, coloured: false, width: Infinity };
const narrow: Screen = { decorated: true, coloured: false, width: 60 };

const pair = { id: 'x', plays: 1, lastAt: null };
const because: readonly Reason[] = [
  { ...pair, name: 'Plush', contribution: 0.43, share: 0.43, opinion: 'heard' },
  { ...pair, name: 'Enter\nSandman', contribution: -0.05, share: -0.05, opinion: 'disliked' },
  { ...pair, name: 'Hey Jude', contribution: 0.0021, share: 0.0021, opinion: 'liked' },
];
const rest = { items: 240, contribution: 0.6179, share: 0.6179 };

const absence: WhyNot = {
  ...{
    id: 'x',
    name: 'Plush',
    reason: 'outranked',
    reasons: ['outranked'],
    flags: [],
    plays: 0,
    lastAt: null,
  },
  ...{ rank: 1214, of: 21_000, score: 0.1234567, kthScore: 0.5 },
};

describe('an explanation', () => {
  it('says what adds, what takes away, and what all others do', () => {
    expect(drawExplanation({ because, rest }, pipe)).toBe(
      '   because of "Plush" (43 %), "Hey Jude" (0.2 %), 240 others (62 %); less "Enter\\nSandman", disliked (−5 %)',
    );
  });

  it('keeps to the width of a terminal', () => {
    const lines = drawExplanation({ because, rest }, narrow)!.split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).toMatch(/^ {3}\S.{0,56}$/);
  });

  it('gives the parts themselves where the score is not above 0, and leaves out what is empty', () => {
    const part = { ...pair, name: 'Plush', contribution: -0.5, share: null, opinion: 'heard' } as const;
    const nothing = { items: 0, contribution: 0, share: null };
    expect(drawExplanation({ because: [part], rest: nothing }, pipe)).toBe('   less "Plush" (−0.500)');
    expect(drawExplanation({ because: [], rest: nothing }, pipe)).toBe(
      '   because of no item of their history: next by plays',
    );
    expect(drawExplanation({ because: [], rest: { ...rest, items: 1 } }, pipe)).toContain('1 other (62 %)');
    expect(drawExplanation({}, pipe)).toBeUndefined();
  });

  it('shows what rounds to nothing as 0, without a sign', () => {
    const tiny = { ...pair, name: 'A', contribution: -1e-9, share: -1e-9, opinion: 'heard' } as const;
    expect(drawExplanation({ because: [tiny], rest: { items: 0, contribution: 0, share: 0 } }, pipe)).toBe(
      '   less "A" (0 %)',
    );
  });

  it('stands below its own recommendation', async () => {
    const explained = (id: string, rank: number) => {
      const item: ItemRecord & { rank: number; score: number } = {
        ...{ id, name: id.toUpperCase(), rank, score: 0.5 },
      };
      return Object.assign(item, { because, rest });
    };
    const text = await drawRecommendations(
      {
        snapshot: 's',
        user: null,
        scoredBy: 'own-items',
        recommendations: [explained('a', 1), explained('b', 2)],
      },
      pipe,
    );
    const [, , head, first, why, second, whyToo] = text.split('\n');
    expect(head).toBe('#  name  score  id');
    expect([first, second]).toEqual(['1  A     0.500  a', '2  B     0.500  b']);
    expect(why).toMatch(/^ {3}because of "Plush"/);
    expect(whyToo).toBe(why);
  });
});

describe('an absence', () => {
  const told = (more: Partial<WhyNot>): string => drawAbsences([{ ...absence, ...more }], pipe);

  it('says the place, and what the last recommendation has', () => {
    expect(told({})).toBe(
      'Why not "Plush"\n   It is number 1,214 of 21,000, with a score of 0.123; the last recommendation has 0.500.',
    );
    expect(told({ score: -0.1879, kthScore: -0.05 })).toContain(
      'of −0.188; the last recommendation has −0.0500.',
    );
    expect(told({ kthScore: null })).not.toContain('last recommendation');
    expect(told({ reason: 'recommended', reasons: ['recommended'], rank: 2 })).toBe(
      '"Plush"\n   It is recommended: number 2 of 21,000, with a score of 0.123.',
    );
  });

  it.each<[WhyNot['reason'], string]>([
    ['banned', 'They banned it.'],
    ['disliked', 'They dislike it, last on 2024-02-03.'],
    ['heard', 'It is a seen item (7 events, last on 2024-02-03); --include-heard keeps those.'],
    ['liked', 'It is among their likes; --include-heard keeps those.'],
    ['hidden', 'It is hidden from everyone.'],
    ['excluded', '--exclude leaves it out.'],
    ['filtered', '--where and --only leave it out.'],
  ])('says what keeps it away, and where it would be: %s', (reason, words) => {
    const flags = ['--exclude', '--where', '--only'] as const;
    const text = told({ reason, reasons: [reason], flags, plays: 7, lastAt: '2024-02-03T04:05:06.000Z' });
    expect(text).toBe(
      `Why not "Plush"\n   ${words} Otherwise it would be number 1,214 of 21,000, with a score of 0.123; ` +
        'the last recommendation has 0.500.',
    );
  });

  it('says all that keeps it away, and where there is no score', () => {
    expect(told({ reason: 'banned', reasons: ['banned', 'excluded'] })).toContain(
      'They banned it; --exclude leaves it out. Otherwise',
    );
    expect(told({ reason: 'banned', reasons: ['banned', 'heard'] })).toContain(
      'They banned it; it is a seen item',
    );
    expect(told({ reason: 'no-vector', reasons: ['no-vector'], rank: null, score: null })).toBe(
      'Why not "Plush"\n   No user played it, so it has no score.',
    );
  });

  it('is explained where that was asked for, and stands after the answer', async () => {
    const text = await drawRecommendations(
      { snapshot: 's', user: 'u\x07', recommendations: [], whyNot: [{ ...absence, because, rest }, absence] },
      pipe,
    );
    expect(text.split('\n')).toEqual([
      ...['For u\\x07', '', 'nothing is left to recommend', '', 'Why not "Plush"'],
      expect.stringContaining('It is number'),
      expect.stringContaining('because of "Plush"'),
      ...['', 'Why not "Plush"', expect.stringContaining('It is number')],
    ]);
  });
});

it('the popularity fallback is said instead of what the user likes, with whole numbers', async () => {
  const items = [1234, 99].map((score, at) => ({ id: `i${at}`, name: `N${at}`, rank: at + 1, score }));
  const text = await drawRecommendations(
    { snapshot: 's', user: 'u', fallback: 'popularity', scoredBy: 'popularity', recommendations: items },
    pipe,
  );
  expect(text.split('\n')).toEqual([
    ...[
      'For u: the most popular items',
      '',
      '#  name  score  id',
      '1  N0    1,234  i0',
      '2  N1       99  i1',
      '',
    ],
    expect.stringContaining('the same for every user'),
  ]);
});
