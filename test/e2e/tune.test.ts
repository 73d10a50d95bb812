import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inFullTest, inSmokeTest, isFullTest } from '../helpers/full-tests.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { plantedHits } from '../helpers/planted-tastes.js';
import { runSegue } from '../helpers/run-segue.js';
import { signalledAt, type SignalPoint } from '../helpers/signals.js';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

const quickly = inSmokeTest();

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
// λ is far too large for the default ratio, so that smaller ones are better beyond doubt.
const plays = 'tastes.csv';
const few = words`--factors 8 --epochs 4 --trials 9 --split random --reg 0.1 --space unobserved-ratio=0.5..30:log`;
const manifestOf = (path: string): Record<string, any> =>
  JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as Record<string, any>;
const timeless = (result: Record<string, any>): unknown => ({
  ...{ ...result, seconds: 0, trained: 0, resumed: 0, trialsFile: '' },
  models: result['models'].map((model: object) => ({ ...model, seconds: 0 })),
  trials: result['trials'].map((trial: object) => ({ ...trial, seconds: 0 })),
  best: { ...result['best'], seconds: 0 },
});

/** 80 users of five tastes, each with 12 items, four of five of their own taste's 20. */
function tastes(): string {
  const random = seededRandom(7);
  const rows = Array.from({ length: 80 }, (_, u) => {
    const items = new Set<number>();
    while (items.size < 12) {
      const taste = random.nextBelow(5) > 0 ? u % 5 : random.nextBelow(5);
      items.add(20 * taste + random.nextBelow(20));
    }
    return [...items].map((item) => `u${String(u)},i${String(item)}\n`).join('');
  });
  return `user,item\n${rows.join('')}`;
}

describe('tune', () => {
  let folder: Folder;
  let whole: Record<string, any>;
  beforeAll(async () => {
    folder = makeFolder();
    writeFileSync(join(folder.path, plays), tastes());
    const args = ['tune', plays, ...few, '--trials-file', 'whole.jsonl'];
    [whole] = (await folder.json(args)) as [Record<string, any>];
  });
  afterAll(() => folder.remove());

  it('finds settings at least as good as the defaults, and the number that evaluate gives for them', async () => {
    expect(whole['best'].best.score).toBeGreaterThanOrEqual(whole['defaults']);
    expect(whole['trials']).toHaveLength(9);
    const { difference, interval, isBetter } = whole['overDefaults'];
    expect(difference).toBeCloseTo(whole['best'].best.score - whole['defaults'], 12);
    expect(interval[0]).toBeGreaterThan(0);
    expect(isBetter).toBe(true);
    expect(whole['stoppedBy']).toBe('trials');
    const { options } = whole['best'];
    const flags = Object.entries(options).flatMap(([flag, value]) =>
      value === 'auto' ? [] : [`--${flag}=${String(value)}`],
    );
    const [evaluated] = await folder.json(words`evaluate ${plays} --split random --on valid
      --at 10 --bootstrap 0 ${flags}`);
    expect(evaluated!['results'][0].metrics['ndcg@10']).toBe(whole['best'].best.score);
  });

  it('prints a train command line that a shell runs, with the options found', async () => {
    // Everything is in the file of trials: nothing is trained again.
    const args = ['tune', plays, ...few, '--trials-file', 'whole.jsonl'];
    const { stdout } = await folder.segue(args);
    expect(stdout).toContain('better: +');
    const command = stdout.trimEnd().split('\n').at(-1)!;
    expect(command).toMatch(/^segue train /);
    // A shell, and bin/run.js, in the full test.
    if (!isFullTest()) {
      const [made] = await folder.json(command.split(' ').slice(1));
      expect(manifestOf(made!['path']).model.options).toEqual(whole['best'].options);
      return;
    }
    const script = `segue() { "${process.execPath}" "${bin}" "$@"; }\n${command} --json`;
    const env = { ...process.env, SEGUE_ROOT: join(folder.path, 'root') };
    const output = execFileSync('sh', ['-c', script], { cwd: folder.path, env, encoding: 'utf8' });
    const { path } = JSON.parse(output) as { path: string };
    expect(manifestOf(path).model.options).toEqual(whole['best'].options);
  });

  it('ends after the trial that reaches the budget, and goes on from there with a longer one', async () => {
    const args = ['tune', plays, ...few, '--trials-file', 'budget.jsonl'];
    const [cut] = await folder.json([...args, '--time-budget', '0.001s']);
    // The defaults, to their end: without them nothing could be said.
    expect(cut).toMatchObject({ stoppedBy: 'time-budget', trained: 1, resumed: 0 });
    expect(cut!['defaults']).toBe(whole['defaults']);
    expect(cut!['trials']).toHaveLength(1);
    // Trainings of earlier runs count: nothing is left of a budget that was used up.
    const { stdout } = await folder.segue([...args, '--time-budget', '0.001s']);
    expect(stdout).toMatch(/trainings +0, and 1 of an earlier run; the time budget was used up/);
    const [rest] = await folder.json([...args, '--time-budget', '1h']);
    expect(rest).toMatchObject({ stoppedBy: 'trials', resumed: 1 });
    expect(timeless(rest!)).toEqual(timeless(whole));
    const [error] = await folder.json([...args, '--time-budget', '5'], 2);
    expect(error!['error'].message).toContain('--time-budget "5": wanted a time such as 90s');
  });

  it('says that nothing is better than the default, and prints its command', async () => {
    // Which of these λ it is changes hardly a ranking.
    const args = words`tune ${smallRock.plays} --model ease --split random --space reg=150..150.1 --trials 3`;
    const [result] = await folder.json(args);
    const { difference, interval, isBetter } = result!['overDefaults'];
    expect(result!['best'].number).toBeGreaterThan(1);
    expect(difference).toBeGreaterThan(0);
    expect(interval[0]).toBeLessThan(0);
    expect(isBetter).toBe(false);
    const { stdout } = await folder.segue(args);
    expect(stdout).toContain('not better than the default: +0.0000 over the defaults');
    expect(stdout).toContain('Train with the defaults:');
    expect(stdout.trimEnd()).toMatch(/--model ease --reg 150 .*--seed 42$/);
  });

  it('searches all models, in one table, and holds the best against the defaults of als', async () => {
    const args = words`tune ${smallRock.plays} --model all --split random --epochs 2 --factors 8 --trials 1`;
    const result = (await folder.json(args))[0]!;
    const { models, trials, best } = result;
    expect(models[0]).toMatchObject({ model: 'als', trials: 1, skipped: null });
    expect(models.map(({ model }: { model: string }) => model)).toContain('ease');
    expect(models.at(-1).model).toBe('item2vec');
    for (const each of models) {
      const own = trials.filter(({ model }: { model: string }) => model === each.model);
      expect(own).toHaveLength(each.trials);
      expect(own[0].best.score).toBe(each.best);
      // Options that are none of its own are not asked of it.
      if (each.model === 'ease') expect(Object.keys(own[0].options)).not.toContain('factors');
    }
    expect(best).toEqual(trials[0]);
    expect(result).toMatchObject({ model: best.model, defaults: models[0].defaults });
    const { stdout } = await folder.segue(args);
    expect(stdout).toContain(`over the defaults of als (95 % interval`);
    expect(stdout).toMatch(/^searched +ease: 0\.\d{4} of 1 setting: reg=5\.\.2000:log$/m);
    const [cut] = await folder.json([...args, '--time-budget', '0.001s', '--trials-file', 'all.jsonl']);
    expect(cut).toMatchObject({ stoppedBy: 'time-budget', model: 'als' });
    expect(cut!['models'][1]).toMatchObject({ trials: 0, skipped: 'the time budget was used up before it' });
  });

  inFullTest()('leaves out a model that does not fit, and says why', async () => {
    // 33,000 items: ease has no room for their square.
    const rows = Array.from({ length: 33_000 }, (_, at) => `u${String(at % 110)},i${String(at)}`);
    const hits = Array.from({ length: 110 }, (_, u) => `u${String(u)},i${String((u + 1) % 110)}`);
    writeFileSync(join(folder.path, 'wide.csv'), `user,item\n${rows.join('\n')}\n`);
    writeFileSync(join(folder.path, 'hits.csv'), `user,item\n${hits.join('\n')}\n`);
    const files = words`wide.csv --valid hits.csv`;
    const [result] = await folder.json(words`tune ${files} --model all --epochs 1 --factors 2 --trials 1`);
    const ease = result!['models'].find(({ model }: { model: string }) => model === 'ease');
    expect(ease).toMatchObject({ trials: 0, best: null, defaults: null });
    expect(ease.skipped).toMatch(/^ease on \d+ items needs /);
    expect(result!['models'][0].trials).toBe(1);
    const [error] = await folder.json(words`tune ${files} --model ease --trials 2`, 2);
    expect(error!['error'].code).toBe('too-large');
  });

  it('warns where validation items are not as popular as test items, as evaluate does', async () => {
    const users = Array.from({ length: 60 }, (_, u) => u);
    const csv = (name: string, of: (u: number) => string[]): string => {
      const rows = users.flatMap((u) => of(u).map((item) => `u${String(u)},${item}`));
      writeFileSync(join(folder.path, name), `user,item\n${rows.join('\n')}\n`);
      return name;
    };
    const train = csv('train.csv', (u) => [`a${String(u % 2)}`, `b${String(u % 10)}`, `c${String(u % 7)}`]);
    const rare = csv('rare.csv', (u) => [`b${String((u + 1) % 10)}`]);
    const popular = csv('popular.csv', (u) => [`a${String((u + 1) % 2)}`]);
    const warning =
      'items to be found in validation have 6 training users in the mean, those of the test part 30 (−80 %; ';
    const args = words`tune ${train} --valid ${rare} --epochs 1 --factors 2 --trials 1`;
    const warned = await folder.segue([...args, '--test', popular]);
    expect(warned.stderr.replaceAll(/\s+/g, ' ')).toContain(warning);
    expect(warned.stdout).toContain(
      '6.00 of a validation target in training, 30.0 of a test target (means): what is best',
    );
    const silent = await folder.segue([...args, '--test', rare]);
    expect(silent.stderr).not.toContain('in the mean');
    // Of the test part nothing else is looked at.
    const [one] = await folder.json(args);
    const [other] = await folder.json([...args, '--test', popular]);
    expect(one!['split'].popularity).toBeNull();
    expect(other!['split'].popularity).toMatchObject({ valid: 6, test: 30, isShifted: true });
    expect(other!['trialsFile']).toBe(one!['trialsFile']);
    const measured = words`evaluate ${train} --test ${popular} --valid ${rare} --model popularity --bootstrap 0`;
    for (const on of ['test', 'valid']) {
      const [result] = await folder.json([...measured, '--on', on]);
      expect(result!['warnings'].join(' ')).toContain(warning);
    }
  });

  it('warns where popularity does better than the best that was found, as evaluate does', async () => {
    const rows = plantedHits(400).flatMap((row, u) => row.map((item) => `u${String(u)},i${String(item)}`));
    writeFileSync(join(folder.path, 'hits.csv'), `user,item\n${rows.join('\n')}\n`);
    const small = words`--split random --factors 32 --epochs 1`;
    const warning = /Warning: popularity does better here than als: ndcg@10 (0\.\d{4}), not (0\.\d{4}) →/;
    const warned = async (...args: string[]) => {
      const { stderr } = await folder.segue(args);
      return warning.exec(stderr.replaceAll(/\s+/g, ' ')) ?? [];
    };
    const [, better, worse] = await warned('tune', 'hits.csv', ...small, '--trials', '1');
    const measured = words`evaluate hits.csv --at 10 --bootstrap 0 --on valid ${small}`;
    expect((await warned(...measured)).slice(1)).toEqual([better, worse]);
    expect(Number(better)).toBeGreaterThan(Number(worse));
    // Of tastes als knows more.
    expect(await warned(...measured.with(1, plays).with(-1, '4'))).toEqual([]);
  });

  inFullTest()('finds the same at any number of threads, and anew where it has been killed', async () => {
    const root = join(folder.path, 'killed');
    const path = join(folder.path, 'trials.jsonl');
    const args = ['tune', plays, ...few, '--trials-file', path, '--threads', '1', '--json'];
    const lines = (): number => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 2 : 0);
    // Its first line says what is searched; then comes a line a trial.
    const kill: SignalPoint = { signal: 'SIGKILL', call: 'fsync', path: /\/trials\.jsonl$/, after: 3 };
    const killed = await runSegue(args, { cwd: folder.path, ...signalledAt(kill, { SEGUE_ROOT: root }) });
    expect(killed.signal).toBe('SIGKILL');
    appendFileSync(path, '{"trial":5,"rung":0,"chec');
    const kept = lines();
    const resumed = await runSegue(args, { cwd: folder.path, env: { SEGUE_ROOT: root } });
    expect(resumed.code, resumed.stderr).toBe(0);
    const result = JSON.parse(resumed.stdout) as Record<string, any>;
    expect(result['resumed']).toBe(kept);
    expect(result['trained'] + result['resumed']).toBe(whole['trained']);
    expect(timeless(result)).toEqual(timeless(whole));
  });

  inFullTest()('keeps what is done on Ctrl-C, and says where', async () => {
    const path = join(folder.path, 'stopped.jsonl');
    const result = await runSegue(['tune', plays, ...few, '--trials-file', path], {
      cwd: folder.path,
      ...signalledAt(
        { signal: 'SIGINT', call: 'fsync', path: /\/stopped\.jsonl$/, after: 1 },
        { SEGUE_ROOT: join(folder.path, 'stopped') },
      ),
    });
    expect(result.code).toBe(130);
    expect(result.stderr).toContain(`saved in ${path}: the same command resumes from there`);
    expect(readdirSync(folder.path)).not.toContain('stopped.jsonl.lock');
  });

  quickly('searches what a file says, and models in closed form', async () => {
    writeFileSync(join(folder.path, 'space.txt'), 'reg=20..900:log # EASE\n');
    const [result] = await folder.json([
      ...['tune', smallRock.plays, '--model', 'ease', '--space', '@space.txt', '--trials', '3'],
      ...['--metric', 'recall@20', '--split', 'leave-last-out'],
    ]);
    expect(result).toMatchObject({ model: 'ease', space: ['reg=20..900:log'], rungs: [0] });
    expect(result!['best'].options['reg']).toBeGreaterThanOrEqual(20);
    expect(result!['train']).not.toContain('--epochs');
  });

  it.each([
    [['--space', 'window=2..9:int'], '--window'],
    [['--space', 'reg=-1..1'], '--reg'],
    [['--space', 'epochs=4..8:int'], 'epochs'],
    [['--space', 'reg=1..2', '--reg', '1'], '--reg is given'],
    [['--space', 'reg=1'], 'nothing to search'],
    [['--model', 'popularity'], 'nothing to search'],
    [['--metric', 'ndcg'], '--metric'],
    [['--metric', 'auc@10'], '--metric'],
    [['--split', 'temporal'], 'temporal'],
    [['--split', 'files'], '--valid FILE'],
    [['--test', 'no-such-file'], 'it needs --valid FILE'],
    [['--model', 'all', '--space', 'reg=1..2'], '--space is of one model'],
    [['--model', 'all', '--negatives', '0'], '--negatives'],
    [['--space', '@no-such-file'], 'no-such-file'],
  ])('refuses %j', async (args, message) => {
    const [error] = await folder
      .json(['tune', smallRock.plays, ...args], 2)
      .catch(() => folder.json(['tune', smallRock.plays, ...args], 7));
    expect(error!['error'].message).toContain(message);
  });
});
