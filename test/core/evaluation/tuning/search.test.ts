import { describe, expect, it } from 'vitest';
import { parseSpace } from '#dist/core/evaluation/tuning/search-space.js';
import {
  numTrainings,
  search,
  type Checkpoint,
  type SearchPlan,
  type Trial,
} from '#dist/core/evaluation/tuning/search.js';

const plan: SearchPlan = {
  space: parseSpace(['x=0..1', 'y=0.01..100:log', 'kind=a,b']),
  trials: 40,
  rungs: [4, 8, 16],
  seed: 42,
  power: Math.pow,
};

/** Best at x = .7, y = 3, kind b; more epochs help a little, the same for all. */
function hill({ settings }: Trial, epochs: number): number {
  const { x = 0, y = 1, kind = 'a' } = settings as { x?: number; y?: number; kind?: string };
  return 1 - (x - 0.7) ** 2 - (Math.log(y / 3) / 10) ** 2 - (kind === 'b' ? 0 : 0.1) + epochs / 1000;
}

function recorder(score = hill, most = Infinity) {
  const calls: [number, number][] = [];
  const train = (trial: Trial, rung: number): Promise<Checkpoint | undefined> => {
    if (calls.length === most) return Promise.resolve(undefined);
    calls.push([trial.number, rung]);
    const epochs = plan.rungs[rung]!;
    return Promise.resolve({ epochs, score: score(trial, epochs) });
  };
  return { calls, train };
}

async function searchCalls() {
  const { calls, train } = recorder();
  await search(plan, train);
  return calls;
}

describe('search', () => {
  it('comes near the best of a hill, and nearer than its first round', async () => {
    const { train } = recorder();
    const [best, ...others] = await search(plan, train);
    expect(best!.settings['kind']).toBe('b');
    expect(Math.abs((best!.settings['x'] as number) - 0.7)).toBeLessThan(0.1);
    const first = others.find(({ round }) => round === 1)!;
    expect(best!.round).toBeGreaterThan(1);
    expect(best!.best!.score!).toBeGreaterThan(first.best!.score!);
  });

  it('trains all for a few epochs, and a third of them for more, the better ones', async () => {
    const { calls, train } = recorder();
    const trials = await search(plan, train);
    expect(trials).toHaveLength(40);
    const ofRound = (round: number, rung: number): number =>
      calls.filter(([number, at]) => at === rung && trials.find((t) => t.number === number)!.round === round)
        .length;
    // The defaults go all the way, whatever comes of them, and compete with nobody.
    expect([0, 1, 2].map((rung) => ofRound(1, rung))).toEqual([20, 8, 4]);
    expect([0, 1, 2].map((rung) => ofRound(2, rung))).toEqual([10, 4, 2]);
    expect(calls).toHaveLength(numTrainings(plan));
    const first = trials.filter(({ round, number }) => round === 1 && number > 1);
    const atFour = (t: (typeof first)[number]): number => t.checkpoints[0]!.score!;
    const gone = first.filter(({ checkpoints }) => checkpoints.length === 1);
    const kept = first.filter(({ checkpoints }) => checkpoints.length > 1);
    expect(Math.min(...kept.map(atFour))).toBeGreaterThanOrEqual(Math.max(...gone.map(atFour)));
  });

  it('tries the defaults first, and gives trials by their best score, the best first', async () => {
    const { calls, train } = recorder();
    const trials = await search(plan, train);
    expect(calls.slice(0, 3)).toEqual([
      [1, 2],
      [1, 0],
      [1, 1],
    ]);
    const defaults = trials.find(({ number }) => number === 1);
    expect(defaults).toMatchObject({ settings: {}, round: 1 });
    expect(defaults!.checkpoints.map(({ epochs }) => epochs)).toEqual([4, 8, 16]);
    const scores = trials.map(({ best }) => best!.score!);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(new Set(trials.map(({ number }) => number)).size).toBe(40);
  });

  it('goes the same way again, and another way from another seed', async () => {
    const again = await search(plan, recorder().train);
    expect(await search(plan, recorder().train)).toEqual(again);
    expect(await search({ ...plan, seed: 43 }, recorder().train)).not.toEqual(again);
  });

  it('keeps the epochs that were best, where more of them made it worse', async () => {
    const trials = await search(plan, recorder((trial, epochs) => hill(trial, 0) - epochs / 100).train);
    expect(trials[0]!.best!.epochs).toBe(4);
    expect(trials[0]!.checkpoints).toHaveLength(3);
  });

  it('leaves settings that diverge, and has no best where all do', async () => {
    const some = await search(
      plan,
      recorder((t, epochs) => (t.settings['kind'] === 'b' ? NaN : hill(t, epochs))).train,
    );
    expect(some).toHaveLength(40);
    const none = recorder();
    const trials = await search({ ...plan, trials: 10 }, async (t, rung) => {
      const { epochs } = (await none.train(t, rung))!;
      return { epochs, score: null };
    });
    expect(trials.every(({ best }) => best === null)).toBe(true);
  });

  it.each([1, 2, 4, 30, 41])(
    'ends after %i trainings where it is told to, with what they gave',
    async (most) => {
      const { calls, train } = recorder(hill, most);
      const trials = await search(plan, train);
      expect(calls).toHaveLength(most);
      const measured = new Set(calls.map(([number]) => number));
      expect(trials.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
        [...measured].sort((a, b) => a - b),
      );
      for (const { number, checkpoints } of trials)
        expect(checkpoints).toHaveLength(calls.filter(([of]) => of === number).length);
      // As far as it went it is the same search.
      expect(calls).toEqual((await searchCalls()).slice(0, most));
    },
  );

  it('tries the defaults alone where there is nothing to search', async () => {
    const { calls, train } = recorder();
    expect(await search({ ...plan, space: [] }, train)).toHaveLength(1);
    expect(calls).toHaveLength(numTrainings({ ...plan, space: [] }));
  });

  it('stops where a space has no more settings', async () => {
    const { train } = recorder(() => 0.5);
    const trials = await search({ ...plan, space: parseSpace(['kind=a,b', 'x=1,2']) }, train);
    expect(trials).toHaveLength(5);
  });

  it.each([1, 2, 7, 8, 9, 100])('does what numTrainings says for %i trials', async (trials) => {
    const { calls, train } = recorder();
    expect(await search({ ...plan, trials }, train)).toHaveLength(trials);
    expect(calls).toHaveLength(numTrainings({ ...plan, trials }));
  });
});
