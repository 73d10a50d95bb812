import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DiffResult } from '#dist/core/tasks/diff-snapshots.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';

useCanaryHere();

let folder: Folder;

async function train(tag: string, ...args: readonly string[]): Promise<void> {
  await folder.segue(['train', smallRock.plays, '--items', smallRock.items, '--tag', tag, ...args]);
}

async function diff(a: string, b: string, ...args: readonly string[]): Promise<DiffResult> {
  const [result] = await folder.json(['diff-snapshots', a, b, '--k', '3', ...args]);
  return result as unknown as DiffResult;
}

const small = ['--factors', '32', '--epochs', '8'];

beforeAll(async () => {
  folder = makeFolder();
  await train('one', ...small);
  await train('two', ...small, '--seed', '7');
});

afterAll(() => folder.remove());

describe('two trainings of als that only the seed tells apart', () => {
  it('have the same taste in another basis, and users of one lose what items of the other give', async () => {
    const { verdict, drift, skew, deciles, recommendations, items: both } = await diff('one', 'two');
    expect(verdict.kind).toBe('same-taste');
    expect(verdict.sentence).toMatch(
      /^the same taste, another basis: .*; only the seed differs; users of one/,
    );
    expect(drift).toMatchObject({ aligned: 'rotation' });
    expect(drift!.meanCosine).toBeGreaterThan(0.9);
    expect(skew!.mixed).toBeLessThan(0.8 * skew!.matched);
    expect(skew!.rotated!).toBeGreaterThan(0.9 * skew!.matched);
    expect(deciles.at(-1)!.decile).toBe(10);
    expect(deciles.reduce((sum, { items }) => sum + items, 0)).toBe(both.common);
    expect(deciles.every(({ leastListeners, mostListeners }) => leastListeners <= mostListeners)).toBe(true);
    const [most] = recommendations!.changedMost;
    expect(most!.gone.length).toBeGreaterThan(0);
    expect(most!.gone.every(({ name }) => name !== '')).toBe(true);
  });

  it('are not the same where the regularisation is tenfold', async () => {
    await train('smooth', ...small, '--reg', '0.07');
    const { verdict } = await diff('one', 'smooth');
    expect(verdict.kind).toMatch(/^(similar|different)-taste$/);
    expect(verdict.sentence).toMatch(/; other reg(;|$)/);
  });
});

describe('snapshots of one training', () => {
  it('are identical to themselves, to the last number', async () => {
    const result = await diff('one', 'one');
    expect(result.verdict.kind).toBe('identical');
    expect(result).toMatchObject({
      overlapAt10: 1,
      drift: { meanCosine: 1, residual: 0, aligned: 'direct' },
    });
    expect(result.rbo).toBeCloseTo(1, 12);
    expect(result.recommendations).toMatchObject({ overlapAt10: 1, changedMost: [] });
    expect(result.skew).toMatchObject({ lost: 0, rotated: null });
    expect([result.changedMost, result.movedMost]).toEqual([[], []]);
  });

  it('with an index added are the identical model', async () => {
    await folder.segue(['build-index', 'one', '--tag', 'indexed']);
    expect((await diff('one', 'indexed')).verdict).toEqual({
      kind: 'same-basis',
      sentence: 'the identical model, other parts: index only in B',
    });
  });

  it('with users made anew say what that changes', async () => {
    await folder.segue(['user-vector', '--all', '--snapshot', 'one', '--half-life', '2d', '--tag', 'fresh']);
    const { verdict, drift, skew } = await diff('one', 'fresh');
    expect(verdict.sentence).toMatch(
      /^the identical model, other parts: other users \(those of A would lose \d+ %/,
    );
    expect(drift).toMatchObject({ aligned: 'direct', meanCosine: 1 });
    expect(skew!.lost).toBeLessThan(0.3);
  });
});

describe('models without vectors', () => {
  it('of ease are compared by neighbours and recommendations, without drift or skew', async () => {
    await train('ease', '--model', 'ease');
    await train('ease-300', '--model', 'ease', '--reg', '300');
    const result = await diff('ease', 'ease-300');
    expect(result).toMatchObject({ drift: null, skew: null, movedMost: [], verdict: { kind: 'same-taste' } });
    expect(result.recommendations!.overlapAt10).toBeGreaterThan(0.5);
    const [most] = result.recommendations!.changedMost;
    expect(most).toMatchObject({ cosine: null, gone: [expect.anything()].concat(most!.gone.slice(1)) });
    const mixed = await diff('one', 'ease');
    expect(mixed).toMatchObject({ drift: null, skew: null });
    expect(mixed.recommendations!.overlapAt10).toBeGreaterThan(0);
    expect(mixed.verdict.sentence).toContain('; another model');
  });

  it('of popularity have no neighbours: the verdict goes by recommendations', async () => {
    await train('hits', '--model', 'popularity');
    await train('hits-10', '--model', 'popularity', '--min-user-items', '10');
    const result = await diff('hits', 'hits-10');
    expect(result).toMatchObject({ overlapAt10: null, rbo: null, drift: null, skew: null, deciles: [] });
    expect(result.recommendations!.overlapAt10).toBeGreaterThan(0.9);
    expect(result.verdict.sentence).toMatch(/recommendations agree to|identical/);
    const [error] = await folder.json(['diff-snapshots', 'hits', 'hits-10', '--fail-on', 'rbo<0.1'], 1);
    expect(error).toMatchObject({ error: { code: 'does-not-hold' } });
  });
});

it('als and item2vec are brought together by a rotation as far as that goes', async () => {
  await train('played', '--model', 'item2vec', '--factors', '32', '--epochs', '2');
  const { drift, verdict, skew } = await diff('one', 'played');
  expect(drift).toMatchObject({ aligned: 'rotation' });
  expect(verdict.kind).toBe('different-taste');
  expect(skew!.rotated).not.toBeNull();
});
