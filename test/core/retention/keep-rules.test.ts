import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryChange } from '#dist/core/publishing/history-changes.js';
import { judgeSnapshots, lastCurrentTimes } from '#dist/core/retention/keep-rules.js';
import type { Judged } from '#dist/core/retention/keep-rules.js';
import type { SurveyedSnapshot } from '#dist/core/snapshot/survey.js';

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-01-01T00:00:00Z');

function surveyed(id: string, ageDays: number, condition: SurveyedSnapshot['condition'] = 'whole') {
  return { id, condition, madeAtMs: nowMs - ageDays * dayMs, files: [], members: [] };
}

function keptBy(judged: readonly Judged[]): Record<string, readonly string[]> {
  return Object.fromEntries(judged.map(({ snapshot, keptBy }) => [snapshot.id, keptBy]));
}

const none: ReadonlyMap<string, never> = new Map<string, never>();
const rules = { keep: 0, olderThanMs: undefined, nowMs };

describe('judging snapshots', () => {
  it('keeps the most recently made, and counts those that are kept anyway among them', () => {
    const snapshots = [surveyed('c', 3), surveyed('a', 1), surveyed('d', 4), surveyed('b', 2)];
    const judged = judgeSnapshots(snapshots, new Map([['b', ['current']]]), none, { ...rules, keep: 2 });
    expect(judged.map(({ snapshot }) => snapshot.id)).toEqual(['a', 'b', 'c', 'd']);
    expect(keptBy(judged)).toEqual({ a: ['youngest'], b: ['current', 'youngest'], c: [], d: [] });
  });

  it('keeps what is not older than asked for, counted from when it was made or last current', () => {
    const snapshots = [surveyed('a', 10), surveyed('b', 40), surveyed('c', 40), surveyed('d', 30)];
    const lastCurrent = new Map([['b', nowMs - 20 * dayMs]]);
    const judged = judgeSnapshots(snapshots, none, lastCurrent, { ...rules, olderThanMs: 30 * dayMs });
    expect(keptBy(judged)).toEqual({ a: ['young'], d: ['young'], b: ['young'], c: [] });
  });

  it('does not count damaged ones among the youngest, and lets them go like others', () => {
    const snapshots = [surveyed('a', 1, 'damaged'), surveyed('b', 2), surveyed('c', 3)];
    const judged = judgeSnapshots(snapshots, none, none, { ...rules, keep: 1 });
    expect(keptBy(judged)).toEqual({ a: [], b: ['youngest'], c: [] });
    const published = judgeSnapshots(snapshots, new Map([['a', ['current']]]), none, rules);
    expect(keptBy(published)).toMatchObject({ a: ['current'] });
  });

  it.each(['newer-format', 'not-a-snapshot', 'unreadable'] as const)(
    'keeps what is %s, whatever its age',
    (condition) => {
      expect(keptBy(judgeSnapshots([surveyed('a', 1000, condition)], none, none, rules))).toEqual({
        a: [condition],
      });
    },
  );

  it('takes times in the future for now', () => {
    const lastCurrent = new Map([['b', nowMs + 400 * dayMs]]);
    const judged = judgeSnapshots([surveyed('a', -400), surveyed('b', 40)], none, lastCurrent, {
      ...rules,
      olderThanMs: dayMs,
    });
    expect(judged.map(({ ageMs }) => ageMs)).toEqual([0, 0]);
    expect(keptBy(judged)).toEqual({ a: ['young'], b: ['young'] });
  });

  it('never lets a protected one go, nor one of the youngest, whatever clock and ages say', () => {
    const ids = 'abcdefgh'.split('');
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 8, maxLength: 8 }),
        fc.subarray(ids),
        fc.nat(9),
        fc.option(fc.nat(1000), { nil: undefined }),
        (ages, linked, keep, olderDays) => {
          const snapshots = ids.map((id, at) => surveyed(id, ages[at]!));
          const protections = new Map(linked.map((id) => [id, ['latest'] as const]));
          const olderThanMs = olderDays === undefined ? undefined : olderDays * dayMs;
          const judged = judgeSnapshots(snapshots, protections, none, { keep, olderThanMs, nowMs });
          const gone = judged.filter((one) => one.keptBy.length === 0);
          // By the definition: protected, or fewer than `keep` are younger, or young.
          for (const one of judged) {
            const { id, madeAtMs } = one.snapshot;
            const younger = snapshots.filter(
              (other) => other.madeAtMs > madeAtMs || (other.madeAtMs === madeAtMs && other.id < id),
            );
            const stays =
              linked.includes(id) ||
              younger.length < keep ||
              (olderThanMs !== undefined && Math.max(0, nowMs - madeAtMs) <= olderThanMs);
            expect(gone.includes(one)).toBe(!stays);
          }
        },
      ),
    );
  });
});

describe('when a snapshot was last current', () => {
  const line = (from: string | null, to: string, time: string, outcome: HistoryChange['outcome'] = 'done') =>
    ({ seq: 1, outcome, op: 'publish', from, to, time, who: 'me@here', why: null }) as const;

  it('is when another one took its place, the last time that happened', () => {
    const times = lastCurrentTimes([
      line(null, 'a', '2026-01-01T00:00:00Z'),
      line('a', 'b', '2026-01-02T00:00:00Z'),
      line('b', 'a', '2026-01-03T00:00:00Z'),
      line('a', 'c', '2026-01-04T00:00:00Z', 'abandoned'),
      line('a', 'c', 'no time'),
      line('a', 'b', '2026-01-01T12:00:00Z'),
    ]);
    expect([...times]).toEqual([
      ['a', Date.parse('2026-01-02T00:00:00Z')],
      ['b', Date.parse('2026-01-03T00:00:00Z')],
    ]);
  });
});
