import { describe, expect, it } from 'vitest';
import { judgeTaste, type MeasuredTaste } from '#dist/core/comparison/taste-verdict.js';
import { completeManifest, type ManifestContent } from '#dist/core/snapshot/manifest.js';
import type { OpenSnapshot } from '#dist/core/snapshot/open-snapshot.js';
import { contentOf, idA, idB } from '../../helpers/snapshots.js';

/** As far as a verdict looks: ids, basis and what the manifest says. */
function snapshot(
  id: string,
  files: readonly string[],
  content: Partial<ManifestContent> = {},
): OpenSnapshot {
  const digests = new Map(files.map((file) => [file.split(':')[0]!, { bytes: 1, sha256: file }]));
  const manifest = completeManifest(contentOf(id, content), digests);
  return {
    ...{ id, basis: manifest.basis, path: '', root: '', manifest },
    file: (name) => name,
    has: (name) => name in manifest.files,
    userParts: [],
    hasUsers: () => false,
    close: () => undefined,
  };
}

const users = { rows: 2, unconverged: 0, options: {} };
const [a, b] = [snapshot(idA, ['model/item.npy:1']), snapshot(idB, ['model/item.npy:2'])];
const measured: MeasuredTaste = { rbo: 0.9, meanCosine: 0.97, recommended: 0.8, lost: 0.5, settings: [] };
const differing = (...names: string[]): MeasuredTaste['settings'] =>
  names.map((name) => ({ name, a: 1, b: 2, same: false }));

describe('the verdict on two trainings', () => {
  it('is the same taste from what two seeds reach, with the numbers and a warning', () => {
    expect(judgeTaste(a, b, measured)).toEqual({
      kind: 'same-taste',
      sentence:
        'the same taste, another basis: neighbours agree to 90 %, vectors to a cosine of 0.97 once rotated' +
        '; users of one must not meet items of the other',
    });
  });

  it('needs neighbours and vectors: either being further apart makes it a similar or a different taste', () => {
    const kindOf = (rbo: number, meanCosine: number | null): string =>
      judgeTaste(a, b, { ...measured, rbo, meanCosine }).kind;
    expect(kindOf(0.73, 0.88)).toBe('same-taste');
    expect(kindOf(0.72, 0.99)).toBe('similar-taste');
    expect(kindOf(0.99, 0.87)).toBe('similar-taste');
    expect(kindOf(0.29, 0.99)).toBe('different-taste');
    expect(kindOf(0.99, 0.59)).toBe('different-taste');
    expect(kindOf(0.9, null)).toBe('same-taste');
    expect(kindOf(0.1, null)).toBe('different-taste');
  });

  it('is the same taste where only the seed differs, unless nothing holds the two together', () => {
    const seed = differing('model.seed');
    const judged = judgeTaste(a, b, { ...measured, rbo: 0.5, settings: seed });
    expect(judged.kind).toBe('same-taste');
    expect(judged.sentence).toContain('only the seed differs');
    expect(judgeTaste(a, b, { ...measured, rbo: 0.1, settings: seed }).kind).toBe('different-taste');
    const dataToo = differing('inputs.interactions', 'model.seed');
    expect(judgeTaste(a, b, { ...measured, rbo: 0.5, settings: dataToo }).kind).toBe('similar-taste');
  });

  it.each<[string[], string]>([
    [['inputs.interactions'], '; other data;'],
    [['model.reg'], '; other reg;'],
    [['inputs.interactions', 'model.name'], '; other data and model;'],
    [['model.dim', 'model.factors', 'inputs.items', 'index.lists', 'users.half-life'], '; other factors;'],
    [['inputs.interactions', 'model.reg', 'model.seed'], '; other data, reg and seed;'],
    [['model.name', 'model.algorithmVersion', 'model.seed', 'model.scorer', 'model.reg'], '; another model;'],
    [['model.a', 'model.b', 'model.c', 'model.d'], '; other a, b, c and d;'],
    [['model.a', 'model.b', 'model.c', 'model.d', 'model.e'], '; other a, b, c and 2 more settings;'],
  ])('says which settings are others: %j', (names, words) => {
    expect(judgeTaste(a, b, { ...measured, settings: differing(...names) }).sentence).toContain(words);
  });

  it('does not warn of mixing where nothing is lost, or nothing is known', () => {
    for (const lost of [0.01, -0.2, null])
      expect(judgeTaste(a, b, { ...measured, lost }).sentence).not.toContain('must not meet');
  });

  it('goes by recommendations where there are no neighbours, and says when there are neither', () => {
    const popular = { ...measured, rbo: null, meanCosine: null };
    expect(judgeTaste(a, b, popular)).toMatchObject({
      kind: 'same-taste',
      sentence: expect.stringContaining('another basis: recommendations agree to 80 %'),
    });
    expect(judgeTaste(a, b, { ...popular, recommended: null }).kind).toBe('not-comparable');
  });

  it('never rounds up to all', () => {
    expect(judgeTaste(a, b, { ...measured, rbo: 0.9999 }).sentence).toContain('to 99 %');
    expect(judgeTaste(a, b, { ...measured, rbo: 1 }).sentence).toContain('to 100 %');
  });
});

describe('the verdict on snapshots of one model', () => {
  const model = 'model/item.npy:1';

  it('is identical for a snapshot and itself, and for two with the same files', () => {
    expect(judgeTaste(a, a, measured)).toEqual({
      kind: 'identical',
      sentence: 'identical: one and the same snapshot',
    });
    expect(judgeTaste(a, snapshot(idB, [model]), measured)).toEqual({
      kind: 'identical',
      sentence: 'identical: two snapshots with the same files',
    });
  });

  it('names the parts that only one has', () => {
    const more = snapshot(idB, [model, 'index/item.rows.npy:3'], {
      basis: idA,
      index: { item: {} as never },
    });
    expect(judgeTaste(a, more, measured)).toEqual({
      kind: 'same-basis',
      sentence: 'the identical model, other parts: index only in B',
    });
    expect(judgeTaste(more, a, measured).sentence).toContain('index only in A');
  });

  it('says how much fresher users matter', () => {
    const [old, fresh] = ['users/users.npy:1', 'users/users.npy:2'].map((file) =>
      snapshot(file.endsWith('1') ? idA : idB, [model, file], { basis: idA, users }),
    ) as [OpenSnapshot, OpenSnapshot];
    expect(judgeTaste(old, fresh, { ...measured, lost: 0.07 }).sentence).toBe(
      'the identical model, other parts: other users (those of A would lose 7 % of their fit to the items)',
    );
    expect(judgeTaste(old, fresh, { ...measured, lost: null }).sentence).toBe(
      'the identical model, other parts: other users',
    );
  });

  it('does not claim an identical model where one basis has other vectors', () => {
    const other = snapshot(idB, ['model/item.npy:9'], { basis: idA });
    expect(judgeTaste(a, other, measured)).toMatchObject({
      kind: 'same-basis',
      sentence: expect.stringMatching(/^one basis, other vectors: neighbours agree to 90 %/),
    });
  });
});
