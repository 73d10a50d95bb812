import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { inFullTest, inSmokeTest, isFullTest } from '../helpers/full-tests.js';
import { runHere } from '../helpers/run-here.js';
import { runSegue, type RunResult } from '../helpers/run-segue.js';
import { signalledAt, type SignalPoint } from '../helpers/signals.js';
import { classicRock, hashesBelow, makeFolder, type Folder } from '../helpers/trained-root.js';

/** Holds the events, and what trainings make of them that nobody interrupts. */
let kept: Folder;
let events: string;
/** Said in full, so that what is best by default may change. */
const model = ['--unobserved-weight', '0.1', '--reg', '0.01', '--confidence', 'log'];
const [factors, threads] = isFullTest() ? ['16', '2'] : ['4', '1'];
const ofEpochs = (epochs: number): string[] => [
  ...[...model, '--factors', factors, '--threads', threads, '--epochs', String(epochs)],
];
const numEpochs = isFullTest() ? 60 : 9;
const options = ofEpochs(numEpochs);
const uninterrupted = new Map<string, Record<string, string>>();
/** Stops after the first epoch that is no better; in the full test after the last one. */
const patience = isFullTest() ? 40 : 1;
const stops = ['--early-stop', `ndcg@50:${patience}`, '--holdout', '0.2'];

beforeAll(async () => {
  kept = makeFolder();
  events = join(kept.path, 'events.tsv');
  const random = seededRandom(1);
  // Everyone likes a fifth of the items, and the first of them more.
  const row = (): string => {
    const user = random.nextBelow(isFullTest() ? 800 : 100);
    return `u${user}\ti${5 * Math.floor(120 * random.nextFraction() ** 2) + (user % 5)}`;
  };
  writeFileSync(
    events,
    `user\titem\n${Array.from({ length: isFullTest() ? 24_000 : 3000 }, row).join('\n')}\n`,
  );
  for (const more of isFullTest() ? [[], stops] : [[]]) {
    const at = join(kept.path, `root${String(uninterrupted.size)}`);
    await kept.segue(['train', events, ...options, ...more, '--root', at]);
    uninterrupted.set(more.join(' '), hashesBelow(join(at, 'snapshots')));
  }
});
afterAll(() => kept.remove());

let folder: Folder;
let root: string;
beforeEach(() => {
  folder = makeFolder();
  root = join(folder.path, 'root');
});
afterEach(() => folder.remove());

const train = ['train', '--checkpoint', '3', ...options, '--json'];
const below = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);
const checkpoints = (): string[] =>
  below(join(root, 'checkpoints')).flatMap((training) => below(join(root, 'checkpoints', training)));
const latestEpoch = (): number => Math.max(0, ...checkpoints().map((name) => Number.parseInt(name, 10) || 0));

/** The moment after the checkpoint of an epoch has its name. */
const savedAt = (signal: NodeJS.Signals, epoch: number): SignalPoint => ({
  ...{ signal, call: 'rename', path: new RegExp(`/checkpoints/.*/0*${epoch}\\.[0-9a-f]{64}$`) },
});

/** Runs the training in a process, which sends itself a signal when its checkpoint of that epoch is there. */
function runUntil(signal: NodeJS.Signals, epoch: number, more: readonly string[] = []): Promise<RunResult> {
  return runSegue([...train, ...more, events], signalledAt(savedAt(signal, epoch), { SEGUE_ROOT: root }));
}

function run(more: readonly string[]): Promise<RunResult> {
  return runHere([...train, ...more, events], { env: { SEGUE_ROOT: root } });
}

function warningsOf({ stderr }: RunResult): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('Warning:'));
}

async function finish(more: readonly string[] = []): Promise<RunResult & { json: Record<string, any> }> {
  const result = await run(more);
  expect(result.code, result.stderr + result.stdout).toBe(0);
  expect(hashesBelow(join(root, 'snapshots'))).toEqual(uninterrupted.get(more.join(' ')));
  expect(checkpoints()).toEqual([]);
  expect(readdirSync(join(root, 'checkpoints'))).toEqual([]);
  expect(readdirSync(join(root, 'lock'))).toEqual([]);
  return { ...result, json: JSON.parse(result.stdout) as Record<string, any> };
}

describe('a training with checkpoints', () => {
  const others: [NodeJS.Signals, number, number | null][] = [
    ['SIGKILL', 21, null],
    ['SIGTERM', 12, 143],
    ['SIGKILL', 3, null],
    ['SIGKILL', 45, null],
  ];
  it.each(isFullTest() ? others : [['SIGINT', 3, 130] as (typeof others)[number]])(
    'goes on after %s at epoch %i or later, to the same bytes',
    async (signal, epoch, code) => {
      expect(await runUntil(signal, epoch)).toMatchObject({ code });
      const saved = latestEpoch();
      expect(saved).toBeGreaterThanOrEqual(epoch);
      expect(checkpoints()).toContainEqual(expect.stringMatching(/^\d+\.[0-9a-f]{64}$/));
      const { json, stderr } = await finish();
      expect(json).toMatchObject({ resumedAfter: saved, stoppedBy: 'epochs', keptEpoch: numEpochs });
      expect(json['epochs'].map(({ epoch: number }: { epoch: number }) => number)).toEqual(
        Array.from({ length: numEpochs }, (_, at) => at + 1),
      );
      expect(stderr).toContain(`resuming after epoch ${saved}`);
    },
  );

  inFullTest()('goes on after SIGKILL while its snapshot is being written', async () => {
    const writing: SignalPoint = { signal: 'SIGKILL', call: 'open', path: /\/model\/item\.npy$/ };
    const killed = await runSegue([...train, events], signalledAt(writing, { SEGUE_ROOT: root }));
    expect(killed.signal).toBe('SIGKILL');
    const { json } = await finish();
    expect(json['resumedAfter']).toBe(numEpochs - 3);
  });

  inFullTest()('of item2vec goes on to the same bytes, and is stopped early at the same epoch', async () => {
    const plays = ['--model', 'item2vec', '--factors', '16', '--threads', '2', classicRock.plays];
    const whole = join(folder.path, 'whole');
    const rules = ['--epochs', '12', '--early-stop', 'ndcg@50:2'];
    await folder.segue(['train', ...plays, ...rules, '--root', whole]);
    const at = ['train', ...plays, ...rules, '--checkpoint', '1', '--json'];
    const killed = await runSegue(at, signalledAt(savedAt('SIGKILL', 2), { SEGUE_ROOT: root }));
    expect(killed.signal).toBe('SIGKILL');
    const saved = latestEpoch();
    const result = await runSegue(at, { env: { SEGUE_ROOT: root } });
    expect(result.code, result.stdout).toBe(0);
    expect(saved).toBe(2);
    expect(JSON.parse(result.stdout)).toMatchObject({ resumedAfter: saved });
    expect(hashesBelow(join(root, 'snapshots'))).toEqual(hashesBelow(join(whole, 'snapshots')));
  });

  inFullTest()('goes on as often as it is killed', async () => {
    for (const epoch of [6, 18, 33]) expect(await runUntil('SIGKILL', epoch)).toMatchObject({ code: null });
    const { json } = await finish();
    expect(json['resumedAfter']).toBeGreaterThanOrEqual(33);
  });

  inFullTest()('goes on with early stopping as if nothing had happened', async () => {
    await runUntil('SIGKILL', 9, stops);
    const saved = latestEpoch();
    const { json } = await finish(stops);
    expect(json['resumedAfter']).toBe(saved);
    expect(json['epochs']).toHaveLength(Math.min(numEpochs, json['keptEpoch'] + patience));
    for (const epoch of json['epochs']) expect(epoch.metrics['ndcg@50']).toBeGreaterThan(0);
  });

  inFullTest()('starts anew where its checkpoint is damaged, and says so', async () => {
    await runUntil('SIGKILL', 6);
    const [training] = readdirSync(join(root, 'checkpoints'));
    for (const name of checkpoints()) {
      const path = join(root, 'checkpoints', training!, name);
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1]! ^= 1;
      chmodSync(path, 0o644);
      writeFileSync(path, bytes);
    }
    const result = await finish();
    expect(result.json).toMatchObject({ resumedAfter: null });
    expect(warningsOf(result)).toContainEqual(expect.stringContaining('a checkpoint cannot be used'));
  });

  inFullTest()('never uses another training’s checkpoint', async () => {
    await runUntil('SIGKILL', 6, ['--seed', '7']);
    const [other] = readdirSync(join(root, 'checkpoints'));
    const plain = await runSegue(['train', events, ...options, '--dry-run', '--json'], {
      env: { SEGUE_ROOT: root },
    });
    const { snapshot } = JSON.parse(plain.stdout) as { snapshot: string };
    cpSync(join(root, 'checkpoints', other!), join(root, 'checkpoints', snapshot), { recursive: true });
    const result = await run([]);
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({ resumedAfter: null });
    expect(hashesBelow(join(root, 'snapshots'))).toEqual(uninterrupted.get(''));
    expect(warningsOf(result)).toContainEqual(expect.stringContaining(`it belongs to training ${other}`));
    expect(readdirSync(join(root, 'checkpoints'))).toEqual([other]);
  });

  inFullTest()('is done by two processes at once without harm', async () => {
    const inProcess = (): Promise<RunResult> => runSegue([...train, events], { env: { SEGUE_ROOT: root } });
    const both = await Promise.all([inProcess(), inProcess()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const results = both.map(({ stdout }) => JSON.parse(stdout) as Record<string, unknown>);
    expect(results[0]!['snapshot']).toBe(results[1]!['snapshot']);
    expect(hashesBelow(join(root, 'snapshots'))).toEqual(uninterrupted.get(''));
    expect(checkpoints()).toEqual([]);
    expect(readdirSync(join(root, 'lock'))).toEqual([]);
  });

  inFullTest()('clears away what is left where its snapshot is there already', async () => {
    await runUntil('SIGKILL', 6);
    await runSegue(['train', events, ...options], { env: { SEGUE_ROOT: root } });
    expect(checkpoints()).not.toEqual([]);
    const { json } = await finish();
    expect(json).toMatchObject({ existed: true, resumedAfter: null, epochs: [] });
  });
});

describe('a training that ends early', () => {
  it('keeps the best epoch: the snapshot is that of a training with so many epochs', async () => {
    const { stdout } = await run(stops);
    const stopped = JSON.parse(stdout) as Record<string, any>;
    const measured = stopped['epochs'].map((epoch: any) => epoch.metrics['ndcg@50'] as number);
    const best = measured.indexOf(Math.max(...measured)) + 1;
    expect(stopped['keptEpoch']).toBe(best);
    expect(measured).toHaveLength(Math.min(numEpochs, best + patience));
    expect(stopped['stoppedBy']).toBe(best + patience <= numEpochs ? 'early-stop' : 'epochs');
    const again = [...ofEpochs(best), '--holdout', '0.2'];
    const [plain] = await folder.json(['train', events, ...again]);
    expect(plain).toMatchObject({ snapshot: stopped['snapshot'], existed: true });
    expect(plain!['metrics']).toEqual(stopped['metrics']);
    const other = join(folder.path, 'other');
    await folder.segue(['train', events, ...again, '--root', other]);
    expect(hashesBelow(join(other, 'snapshots'))).toEqual(hashesBelow(join(root, 'snapshots')));
  });

  inSmokeTest()('for want of time is one of the epochs that it ran', async () => {
    const [cut] = await folder.json(['train', events, ...options, '--time-budget', '0.001s']);
    expect(cut).toMatchObject({ stoppedBy: 'time-budget', keptEpoch: 1 });
    const [one] = await folder.json(['train', events, ...ofEpochs(1)]);
    expect(one).toMatchObject({ snapshot: cut!['snapshot'], existed: true });
  });

  inSmokeTest()('holds out a tenth where no share is named, and cannot say its id before', async () => {
    const early = ['train', events, ...options, '--early-stop', 'recall@20'];
    const [plan] = await folder.json([...early, '--dry-run']);
    expect(plan).toMatchObject({ snapshot: null, options: { holdout: 0.1, epochs: numEpochs } });
  });

  it.each([
    [['--early-stop', 'loss'], '--early-stop "loss": wanted a metric such as ndcg@100'],
    [['--early-stop', 'ndcg@0'], '--early-stop "ndcg@0": wanted'],
    [['--early-stop', 'ndcg@100:0'], '--early-stop "ndcg@100:0": wanted'],
    [['--early-stop', 'ndcg@1001'], '--early-stop "ndcg@1001": wanted'],
    [['--time-budget', '10'], '--time-budget "10": wanted a time such as 90s'],
    [['--time-budget', '0s'], '--time-budget "0s": wanted'],
    [['--checkpoint', '0'], '--checkpoint "0": wanted a number of epochs such as 5, or a time'],
    [['--checkpoint', '5x'], '--checkpoint "5x": wanted'],
    [['--model', 'ease', '--early-stop', 'ndcg@10'], '--early-stop does not apply to --model ease'],
    [['--model', 'popularity', '--checkpoint', '1'], '--checkpoint does not apply to --model popularity'],
  ])('refuses %j before it reads anything', async (given, message) => {
    const { stderr } = await folder.segue(['train', 'no-such-file.tsv', ...given], 2);
    expect(stderr).toContain(message);
  });

  inSmokeTest()('needs somebody to measure with, and says so', async () => {
    const path = join(folder.path, 'single.tsv');
    writeFileSync(path, 'user\titem\na\tx\nb\ty\nc\tx\n');
    for (const rule of [
      ['--early-stop', 'ndcg@10'],
      ['--holdout', '0.5'],
    ]) {
      const [failure] = await folder.json(['train', path, ...rule], 2);
      expect(failure!['error']).toMatchObject({
        code: 'empty-input',
        message: expect.stringContaining('leaves nothing to measure with'),
      });
    }
  });

  inSmokeTest()('that diverges stops with the epoch and what to try, whatever watches it', async () => {
    const huge = join(folder.path, 'huge.tsv');
    writeFileSync(
      huge,
      `user\titem\tweight\n${Array.from({ length: 40 }, (_, n) => `u${n % 8}\ti${n % 5}\t9223372036`).join('\n')}\n`,
    );
    const wild = ['--confidence', 'linear:1e30', '--reg', '1e-9', '--unobserved-weight', '0.1'];
    const small = ['--factors', '4', '--threads', '1'];
    for (const more of [[], ['--early-stop', 'ndcg@5'], ['--checkpoint', '1', '--time-budget', '1h']]) {
      const [failure] = await folder.json(['train', huge, ...wild, ...small, ...more], 2);
      expect(failure!['error']).toMatchObject({ code: 'diverged' });
      expect(failure!['error'].message).toMatch(/epoch \d+/);
      expect(failure!['error'].suggestions.join()).toContain('raise --reg (it is 1e-9)');
    }
    expect(below(join(folder.path, 'root/snapshots'))).toEqual([]);
  });
});
