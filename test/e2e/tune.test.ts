import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inFullTest, inSmokeTest, isFullTest } from '../helpers/full-tests.js';
import { runSegue } from '../helpers/run-segue.js';
import { signalledAt, type SignalPoint } from '../helpers/signals.js';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

const quickly = inSmokeTest();

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const few = ['--factors', '8', '--epochs', '4', '--trials', '9', '--split', 'random'];
const manifestOf = (path: string): Record<string, any> =>
  JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as Record<string, any>;
const timeless = (result: Record<string, any>): unknown => ({
  ...{ ...result, seconds: 0, trained: 0, resumed: 0, trialsFile: '' },
  trials: result['trials'].map((trial: object) => ({ ...trial, seconds: 0 })),
  best: { ...result['best'], seconds: 0 },
});

describe('tune', () => {
  let folder: Folder;
  let whole: Record<string, any>;
  beforeAll(async () => {
    folder = makeFolder();
    const args = ['tune', smallRock.plays, ...few, '--trials-file', 'whole.jsonl'];
    [whole] = (await folder.json(args)) as [Record<string, any>];
  });
  afterAll(() => folder.remove());

  it('finds settings at least as good as the defaults, and the number that evaluate gives for them', async () => {
    expect(whole['best'].best.score).toBeGreaterThanOrEqual(whole['defaults']);
    expect(whole['trials']).toHaveLength(9);
    const { options } = whole['best'];
    const flags = Object.entries(options).flatMap(([flag, value]) =>
      value === 'auto' ? [] : [`--${flag}=${String(value)}`],
    );
    const [evaluated] = await folder.json(words`evaluate ${smallRock.plays} --split random --on valid
      --at 10 --bootstrap 0 ${flags}`);
    expect(evaluated!['results'][0].metrics['ndcg@10']).toBe(whole['best'].best.score);
  });

  it('prints a train command line that a shell runs, with the options found', async () => {
    // Everything is in the file of trials: nothing is trained again.
    const args = ['tune', smallRock.plays, ...few, '--trials-file', 'whole.jsonl'];
    const { stdout } = await folder.segue(args);
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

  inFullTest()('finds the same at any number of threads, and anew where it has been killed', async () => {
    const root = join(folder.path, 'killed');
    const path = join(folder.path, 'trials.jsonl');
    const args = ['tune', smallRock.plays, ...few, '--trials-file', path, '--threads', '1', '--json'];
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
    const result = await runSegue(['tune', smallRock.plays, ...few, '--trials-file', path], {
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
    [['--space', '@no-such-file'], 'no-such-file'],
  ])('refuses %j', async (args, message) => {
    const [error] = await folder
      .json(['tune', smallRock.plays, ...args], 2)
      .catch(() => folder.json(['tune', smallRock.plays, ...args], 7));
    expect(error!['error'].message).toContain(message);
  });
});
