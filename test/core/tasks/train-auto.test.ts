import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import { askedOf } from '#dist/core/options/operation.js';
import * as operations from '#dist/core/options/operations.js';
import { train, type TrainPlan, type TrainResult } from '#dist/core/tasks/train.js';
import { failureOf } from '../../helpers/event-oracle.js';
import { plantedHits, plantedTastes } from '../../helpers/planted-tastes.js';
import { listening } from '../../helpers/snapshots.js';
import { hashesBelow, makeFolder, type Folder } from '../../helpers/trained-root.js';

const csvOf = (rows: readonly number[][]): string =>
  ['user,item', ...rows.flatMap((row, user) => row.map((item) => `u${user},i${item}`))].join('\n');

let folder: Folder;
const file = (name: string): string => join(folder.path, name);
beforeAll(() => {
  folder = makeFolder();
  writeFileSync(file('many.csv'), csvOf(plantedTastes(320)));
  writeFileSync(file('few.csv'), csvOf(plantedTastes(40)));
  writeFileSync(file('hits.csv'), csvOf(plantedHits(400)));
  writeFileSync(file('falling.csv'), csvOf(plantedHits(320, 200, 40, 2)));
});
afterAll(() => folder.remove());

type Asking = Parameters<typeof askedOf<(typeof operations.train)['options']>>[1];

async function run<R = TrainResult>(root: string, given: Asking = {}, context = listening()): Promise<R> {
  const events = [file('many.csv')];
  const options = askedOf(operations.train, { root: file(root), events, threads: 1, ...(given as object) });
  return (await train(options, context)) as R;
}

/** What makes a snapshot what it is: the manifest says when it was made. */
const bytesOf = (root: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(hashesBelow(join(file(root), 'snapshots'))).filter(
      ([name]) => !/manifest|stamp/.test(name),
    ),
  );

describe('train without a model', () => {
  let whole: TrainResult['chosen'];
  const hits = () => ({ events: [file('hits.csv')], withoutUsers: true });

  it('leaves nothing behind where it is interrupted as it chooses', async () => {
    const stop = new AbortController();
    const phases = new Set<string>();
    const onProgress = (told: Progress): void => {
      if (told.kind !== 'step') return;
      phases.add(told.phase);
      if (told.phase === 'choosing a model' && told.done === 1) stop.abort();
    };
    const failed = await failureOf(run('chosen', hits(), { ...listening(stop.signal), onProgress }));
    expect(failed).toMatchObject({ code: 'interrupted' });
    expect(phases).not.toContain('training');
    expect(existsSync(file('chosen'))).toBe(false);
  });

  it('makes the snapshot of the command that it says, to the byte', async () => {
    const { snapshot, chosen, model } = await run('chosen', hits());
    whole = chosen;
    expect(chosen).toMatchObject({ model, reason: expect.any(String) as string });
    expect(chosen?.users).toBeGreaterThan(150);
    const words = ['segue', 'train', file('hits.csv'), '--without-users', '--model', model];
    expect(chosen?.train.slice(0, words.length)).toEqual(words);
    await folder.segue([...chosen!.train.slice(1), '--root', file('typed')]);
    expect(readdirSync(join(file('typed'), 'snapshots'))).toEqual([snapshot]);
    expect(bytesOf('typed')).toEqual(bytesOf('chosen'));
    // Again, at another number of threads.
    expect(await run('chosen', { ...hits(), model: 'auto', threads: 2 })).toMatchObject({
      ...{ snapshot, chosen, existed: true },
    });
    // In three lines: what, why, and how to have the same, on the same root.
    const { stdout } = await folder.segue(['train', ...words.slice(2, 4), '--root', file('chosen')]);
    const [, weight = '', said] =
      /^chosen +spectral\+slim, factors \d+, blend-weight (0\.\d+), slim\.reg \d.*, slim\.neighbours \d+\nbecause +NDCG@10 on pairs held out of \d+ users: als 0\.\d+.*; the blend is better\nthe same by +(segue train --root .*)$/m.exec(
        stdout,
      ) ?? [];
    expect(said, stdout).toContain(`hits.csv --without-users --model spectral+slim --blend-weight ${weight}`);
  });

  it('has no use for checkpoints and early stopping where what it chose has no epochs, and says so', async () => {
    const context = listening();
    const long = { ...hits(), checkpoint: '1', earlyStop: 'ndcg@10' };
    const held = await run('closed', long, context);
    expect(held).toMatchObject({ model: 'spectral+slim', epochs: [] });
    const notes = context.told.flatMap((told) => (told.kind === 'note' ? [told.message] : []));
    for (const flag of ['checkpoint', 'early-stop'])
      expect(notes).toContain(
        `\`${flag}\` does not apply: the model that was chosen is trained without epochs`,
      );
    // What early stopping would have held out is left out, as by the command.
    const words = held.chosen!.train.slice(1);
    expect(words).toContain('--holdout');
    expect(words.join(' ')).not.toMatch(/checkpoint|early/);
    expect(held.metrics['ndcg@100']).toBeGreaterThan(0);
    expect(held.chosen?.tried[0]?.ndcg).not.toBe(whole?.tried[0]?.ndcg);
    await folder.segue([...words, '--root', file('closed')]);
    expect(readdirSync(join(file('closed'), 'snapshots'))).toEqual([held.snapshot]);
  });

  it('trains als with an option of a model, as it does where als is named', async () => {
    const factors = { modelOptions: { factors: 4, epochs: 1 } };
    const implied = await run('als', factors);
    expect(implied).toMatchObject({ model: 'als', chosen: null, existed: false });
    expect(await run('als', { ...factors, model: 'als' })).toMatchObject({
      ...{ snapshot: implied.snapshot, existed: true, chosen: null },
    });
  });

  it('trains als as it is by default for few users, which a dry run knows too', async () => {
    const events = [file('few.csv')];
    const plan = await run<TrainPlan>('few', { events, dryRun: true });
    const said = { model: 'als', options: {}, train: ['segue', 'train', ...events, '--model', 'als'] };
    expect(plan.choice).toMatchObject({ chosen: said, candidates: ['als'], users: 0, seconds: 0 });
    const made = await run('few', { events });
    expect(made).toMatchObject({ snapshot: plan.snapshot, chosen: said });
    // The command is on the same root where it is printed by one.
    const [typed] = await folder.json(['train', ...events, '--root', file('few')]);
    expect(typed).toMatchObject({ snapshot: plan.snapshot, existed: true });
    expect(typed!['chosen'].train.slice(2, 4)).toEqual(['--root', file('few')]);
  });

  it('says in a dry run what it would try, and trains nothing', async () => {
    const context = listening();
    const plan = await run<TrainPlan>('dry', { ...hits(), dryRun: true }, context);
    expect(plan).toMatchObject({ snapshot: null, existed: false, model: 'als+slim' });
    expect(plan.choice).toMatchObject({ chosen: null, users: 400 });
    expect(plan.choice?.candidates).toEqual(['als+slim', 'als', 'spectral+slim']);
    expect(context.told.some((told) => told.kind === 'step' && /choosing|training/.test(told.phase))).toBe(
      false,
    );
    const { stdout } = await folder.segue(['train', file('hits.csv'), '--dry-run']);
    expect(stdout).toMatch(/^Training would make a snapshot whose id depends on the model it chooses/);
    expect(stdout).toMatch(
      /^choice +among als\+slim, als and spectral\+slim, by pairs held out of 400 users: about .* on 1 thread$/m,
    );
  });

  it('goes on from a checkpoint after it has chosen the same again, to the best epoch, the first', async () => {
    const long = { events: [file('falling.csv')], checkpoint: '1', earlyStop: 'ndcg@10:4' };
    const whole = await run('whole', long);
    // What is measured falls from the first epoch on, which the choice sees too: the stopping decides.
    expect(whole).toMatchObject({ stoppedBy: 'early-stop', keptEpoch: 1 });
    expect(whole.chosen?.reason).toContain('als is worse after more than 1 epoch');
    expect(whole.chosen?.options).not.toHaveProperty('epochs');
    const words = whole.chosen!.train.slice(1);
    expect(words).toEqual(expect.arrayContaining(['--early-stop', 'ndcg@10:4', '--holdout', '0.1']));
    await folder.segue([...words, '--root', file('whole')]);
    expect(readdirSync(join(file('whole'), 'snapshots'))).toEqual([whole.snapshot]);
    const stop = new AbortController();
    const context = listening(stop.signal);
    const onProgress = (told: Progress): void => {
      if (told.kind === 'step' && told.phase === 'training' && told.done === 3) stop.abort();
    };
    const failed = await failureOf(run('resumed', long, { ...context, onProgress }));
    expect(failed).toMatchObject({ code: 'interrupted' });
    const resumed = await run('resumed', long);
    expect(resumed).toMatchObject({ snapshot: whole.snapshot, chosen: whole.chosen, keptEpoch: 1 });
    expect(resumed.resumedAfter).toBeGreaterThan(0);
    expect(bytesOf('resumed')).toEqual(bytesOf('whole'));
  });

  it.each<[Asking, string]>([
    [
      { model: 'auto', modelOptions: { cgSteps: 3 } },
      '`cg-steps` is an option of a model, and `model` auto chooses one',
    ],
    [{ engine: 'spark' }, '`engine` spark does not choose a model: name one'],
    [
      { engine: 'spark', modelOptions: { 'item-features': 'all' } },
      '`engine` spark trains plain als, not with `itemFeatures`',
    ],
  ])('refuses %j', async (given, message) => {
    expect(await failureOf(run('refused', given))).toMatchObject({
      ...{ code: 'bad-usage', message: expect.stringContaining(message) as string },
    });
  });
});

it('evaluate measures what would be chosen for what it trains on', async () => {
  const [result] = await folder.json([
    ...['evaluate', file('many.csv'), '--split', 'random', '--at', '10', '--bootstrap', '0'],
    ...['--model', 'auto', '--model', 'als:factors=4,epochs=1'],
  ]);
  const [auto, als] = result!['results'] as Record<string, any>[];
  expect(auto).toMatchObject({ name: 'auto', kind: 'model' });
  expect(auto!['model']).toMatch(/^als/);
  expect(auto!['options']['factors']).toBe(64);
  expect(als!['options']['factors']).toBe(4);
  await folder.segue(['evaluate', file('many.csv'), '--model', 'auto', '--factors', '4'], 2);
});
