import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '#dist/core/files/npy.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';

useCanaryHere();

const small = ['--factors', '8', '--epochs', '2'];

describe('the weights of a model', () => {
  let folder: Folder;
  beforeAll(() => {
    folder = makeFolder();
  });
  afterAll(() => folder.remove());

  const trained = async (...args: string[]): Promise<Record<string, any>> => {
    const [result] = await folder.json(['train', smallRock.plays, ...small, ...args]);
    const manifest = JSON.parse(readFileSync(join(result!['path'], 'manifest.json'), 'utf8')) as Record<
      string,
      any
    >;
    return { ...result, model: manifest['model'] };
  };

  it.each([
    [
      ['--confidence', 'bm25:1.5,0.6', '--cap', '3'],
      ['mean-items', 'mean-plays'],
    ],
    [['--confidence', 'tf-idf', '--user-discount', '0.3'], ['mean-items']],
    [['--item-discount', '0.25', '--half-life', '2d', '--user-discount', '0'], ['as-of']],
    [
      ['--half-life', '12h', '--as-of', '2014-06-18'],
      ['as-of', 'mean-items'],
    ],
    [['--objective', 'hu', '--user-discount', '0.1'], ['mean-items']],
    [['--objective', 'hu'], []],
  ])('give a stored user the vector that training gave: %j', async (args, parameters) => {
    const { path, model, snapshot } = await trained(...args);
    expect(Object.keys(model.parameters).sort()).toEqual([...parameters, 'unobserved-weight', 'reg'].sort());
    const users = readNpy(join(path, 'users/users.npy'), { dtype: '<f4', shape: [undefined, 8] });
    const names = ['KGLK/2014-06-16', 'WXGL/2014-06-16'];
    const vectors = await folder.json(['user-vector', ...names, '--snapshot', snapshot]);
    const rows = Array.from({ length: users.data.length / 8 }, (_, u) => [
      ...users.data.subarray(8 * u, 8 * u + 8),
    ]);
    for (const { vector } of vectors) expect(rows).toContainEqual(vector);
    // Everyone anew, as in training: the same users part, so the same snapshot.
    const [again] = await folder.json(['user-vector', '--all', '--snapshot', snapshot]);
    expect(again).toMatchObject({ snapshot, existed: true });
  });

  it('say what α₀ and λ became, before anything is trained', async () => {
    const plan = async (...args: string[]): Promise<Record<string, any>> =>
      (await folder.json(['train', smallRock.plays, '--dry-run', ...args]))[0]!;
    const usual = await plan();
    expect(usual['options']).toMatchObject({ 'unobserved-ratio': 20, reg: 'auto' });
    // Most users have most items: dense, so that α₀ is above the mean weight.
    expect(usual['parameters']['unobserved-weight']).toBeGreaterThan(1);
    expect(usual['parameters']['reg']).toBeCloseTo(0.007, 4);
    const half = await plan('--unobserved-ratio', '10');
    const ratio = usual['parameters']['unobserved-weight'] / half['parameters']['unobserved-weight'];
    expect(ratio).toBeCloseTo(2, 12);
    // λ follows: the same share of what a row weighs.
    expect(half['parameters']['reg'] / usual['parameters']['reg']).toBeCloseTo(21 / 11, 1);
    expect(half['options']).toMatchObject({ 'unobserved-ratio': 10, reg: 'auto' });
    const weight = String(half['parameters']['unobserved-weight']);
    const said = await plan('--unobserved-weight', weight);
    expect(said['parameters']).toEqual(half['parameters']);
    expect(said['options']).not.toHaveProperty('unobserved-ratio');
    const both = await plan('--unobserved-weight', '0.5', '--reg', '0.02');
    expect(both).toMatchObject({
      parameters: { 'unobserved-weight': 0.5, reg: 0.02 },
      options: { reg: 0.02 },
    });
    const { stdout } = await folder.segue(['train', smallRock.plays, '--dry-run']);
    expect(stdout).toMatch(/from the data +unobserved-weight \d\.\d+, reg 0\.0\d+/);
    expect(stdout).not.toContain('auto');
  });

  it('age from another moment where --as-of says so', async () => {
    const { snapshot } = await trained('--half-life', '1d');
    const vector = async (...args: string[]): Promise<number[]> =>
      (await folder.json(['user-vector', 'KGLK/2014-06-16', '--snapshot', snapshot, ...args]))[0]!['vector'];
    const usual = await vector();
    expect(await vector('--as-of', '2014-07-20')).not.toEqual(usual);
    expect(await vector('--half-life', '9d')).not.toEqual(usual);
    expect(await vector('--half-life', '1d')).toEqual(usual);
  });

  it.each([
    [['--unobserved-ratio', '5', '--unobserved-weight', '0.1'], '--unobserved-weight'],
    [['--unobserved-ratio', '5', '--objective', 'hu'], 'hu'],
    [['--confidence', 'bm25:1,2'], 'B ≤ 1'],
    [['--cap', '0'], '--cap'],
    [['--item-discount', '3'], '--item-discount'],
    [['--as-of', '2014-06-18'], '--half-life'],
    [['--half-life', 'soon'], '--half-life'],
    [['--half-life', '2d', '--as-of', '2014-01-01'], '--half-life has no effect'],
    [['--cap', '3', '--confidence', 'binary'], '--cap has no effect'],
  ])('refuse %j', async (args, message) => {
    const [error] = await folder.json(['train', smallRock.plays, ...small, ...args], 2);
    expect(error!['error']).toMatchObject({ code: 'bad-usage', message: expect.stringContaining(message) });
  });
});
