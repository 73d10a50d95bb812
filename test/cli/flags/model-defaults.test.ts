import { fileURLToPath } from 'node:url';
import type { Command } from '@oclif/core/command';
import { Plugin } from '@oclif/core/config';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultInWords } from '#dist/cli/flags/model-defaults.js';
import { sampledUsers } from '#dist/core/comparison/sample-size.js';
import { importOptions } from '#dist/core/models/imported-model.js';
import { findModel } from '#dist/core/models/all-models.js';
import { modelNames } from '#dist/core/models/model.js';
import type { GivenOptions } from '#dist/core/models/model.js';
import { unobservedWeightOf, defaultReg, defaultRatio } from '#dist/core/numeric/pair-weights.js';
import { defaultCheckpointAge } from '#dist/core/tasks/gc.js';
import { defaultPatience } from '#dist/core/tasks/long-run-options.js';
import { defaultHoldout } from '#dist/core/tasks/training-job.js';

/** The default of a flag as help prints it. */
let printed: (command: string, flag: string) => string;
let described: (command: string, flag: string) => string;

beforeAll(async () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true });
  await plugin.load();
  described = (command, flag) => plugin.manifest.commands[command]?.flags[flag]?.description ?? '';
  printed = (command, flag) => {
    const found: Command.Flag.Cached | undefined = plugin.manifest.commands[command]?.flags[flag];
    return found?.type === 'option' ? String(found.default) : '';
  };
});

/** `log; hu: linear:1; ease and popularity: binary` says linear:1 of hu. */
function saidOf(text: string, name: string): string {
  const [usual = '', ...others] = text.split('; ');
  const own = others.find((part) =>
    part
      .split(': ', 1)[0]!
      .split(/, | and /)
      .includes(name),
  );
  return own === undefined ? usual : own.slice(own.indexOf(': ') + 2);
}

const automatic: Readonly<Record<string, string>> = {
  ...Object.fromEntries(modelNames.map((name) => [`${name} blend-weight`, 'chosen by a tenth of the pairs'])),
  'slim reg': 'by density, 2 to 32',
  'slim neighbours': 'by density, 50 to 200',
  'spectral factors': '32 to 256 by density',
};

describe('the default that help prints of a model option', () => {
  it.each<[string, string, GivenOptions]>([
    ...modelNames.map((name): [string, string, GivenOptions] => [name, name, {}]),
    ['hu', 'als', { objective: 'hu' }],
  ])('is what %s does without it', (called, name, given) => {
    const model = findModel(name as (typeof modelNames)[number]);
    const options = Object.entries(model.resolve(given)).filter(([flag]) => given[flag] === undefined);
    expect(options.length).toBeGreaterThan(2);
    for (const [flag, value] of options) {
      // All others of a blend are those of its members.
      if (called.includes('+') && flag !== 'blend-weight') continue;
      const said = saidOf(printed('train', flag), called);
      const auto = automatic[`${called} ${flag}`] ?? 'by α₀, ≈ 0.007';
      expect(value === 'auto' ? auto : String(value), `${called} --${flag}`).toBe(said);
    }
  });

  it.each([
    ['hu', 'inner-product', {}],
    ['ials', 'inner-product', { objective: 'ials' }],
    ['--measure cosine', 'cosine', {}],
  ] as const)('is what import does without it: %s', (called, measure, given) => {
    for (const [flag, value] of Object.entries(importOptions(measure, given))) {
      const isOffered = !['measure', 'recency', 'item-discount', 'user-discount'].includes(flag);
      if (isOffered && !(flag in given))
        expect(saidOf(printed('import', flag), called), flag).toBe(String(value));
    }
  });

  it('is said to be about what λ is made where every pair weighs 1', () => {
    const totals = { numPairs: 1e4, numCells: 1e6, weight: 1e4 };
    const reg = defaultReg(unobservedWeightOf(defaultRatio, totals), 1, totals, Math.pow);
    expect(printed('train', 'reg')).toContain(`≈ ${reg.toFixed(3)};`);
  });

  it('names those that differ from the first', () => {
    const of = (name: string, value?: number | string) => ({ of: name, options: { x: value } });
    expect(defaultInWords('x', [of('a', 1), of('b', 1)])).toBe('1');
    expect(defaultInWords('x', [of('a', 1), of('b', 2), of('c', 3), of('d', 2)])).toBe('1; b and d: 2; c: 3');
    expect(defaultInWords('cap', [{ of: 'a', options: { cap: undefined } }])).toBe('no cap');
    expect(defaultInWords('y', [of('a', 1)])).toBeUndefined();
  });
});

it('the default that help prints in words has the numbers of the code', () => {
  expect(printed('train', 'early-stop')).toBe(`off; ${String(defaultPatience)} epochs`);
  expect(described('train', 'early-stop')).toContain(
    `without --holdout, holds out ${String(defaultHoldout)}`,
  );
  expect(printed('gc', 'older-than')).toBe(`any age; ${defaultCheckpointAge} for checkpoints`);
  expect(printed('diff-snapshots', 'users')).toContain(`${String(sampledUsers.count)}, or fewer`);
});
