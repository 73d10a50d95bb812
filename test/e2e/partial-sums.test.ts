import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DiffResult } from '#dist/core/tasks/diff-snapshots.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { inFullTest, inSmokeTest, isFullTest } from '../helpers/full-tests.js';
import { runSegue } from '../helpers/run-segue.js';
import { signalledAt } from '../helpers/signals.js';
import { smallRock } from '../helpers/small-rock.js';
import {
  classicRock,
  hashesBelow,
  makeFolder,
  withoutSharedMemory,
  type Folder,
} from '../helpers/trained-root.js';

useCanaryHere();

let folder: Folder;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

const rock = isFullTest() ? classicRock : smallRock;
const plain = ['train', rock.plays, '--items', rock.items];
const train = [...plain, '--factors', '12'];
const bySums = ['--solver', 'partial-sums'];

async function snapshotOf(args: readonly string[], name: string): Promise<Record<string, string>> {
  const root = join(folder.path, name);
  await folder.segue([...train, ...bySums, ...args, '--root', root]);
  return hashesBelow(join(root, 'snapshots'));
}

describe('a training by partial sums', () => {
  it('has an engine of its own, the loss of the one in memory within 1e-6, and its neighbours', async () => {
    const epochs = isFullTest() ? [] : ['--epochs', '3'];
    await folder.segue([...plain, ...epochs, '--tag', 'memory']);
    const [json] = await folder.json([...plain, ...epochs, ...bySums, '--tag', 'sums']);
    const [sums] = await folder.json(['snapshots', 'show', 'sums']);
    expect(sums!['model']).toMatchObject({ name: 'als', engine: 'partial-sums', algorithmVersion: 1 });
    expect(sums!['model'].options).not.toHaveProperty('solver');
    const [memory] = await folder.json(['snapshots', 'show', 'memory']);
    expect(memory!['model']).toMatchObject({ engine: 'local', options: sums!['model'].options });
    expect(Math.abs(json!['metrics'].loss / memory!['metrics'].loss - 1)).toBeLessThan(1e-6);
    const [found] = await folder.json(['diff-snapshots', 'memory', 'sums', '--k', '10']);
    const { overlapAt10All, recommendations } = found as unknown as DiffResult;
    expect(overlapAt10All).toBeGreaterThanOrEqual(0.99);
    expect(recommendations!.overlapAt10).toBeGreaterThanOrEqual(0.99);
  });

  inSmokeTest()('gives the same bytes at several threads', async () => {
    const small = ['--epochs', '1'];
    expect(await snapshotOf([...small, '--threads', '3'], 'three')).toEqual(await snapshotOf(small, 'one'));
  });

  inFullTest()(
    'gives the same bytes at any number of threads, without shared memory, and after an interruption',
    async () => {
      const wanted = await snapshotOf(['--threads', '2'], 'two');
      expect(await snapshotOf(['--threads', '1'], 'one')).toEqual(wanted);
      expect(await snapshotOf(['--threads', '3'], 'three')).toEqual(wanted);

      const unshared = join(folder.path, 'unshared');
      await folder.process([...train, ...bySums, '--root', unshared], 0, withoutSharedMemory);
      expect(hashesBelow(join(unshared, 'snapshots'))).toEqual(wanted);

      const root = join(folder.path, 'interrupted');
      const args = [...train, ...bySums, '--checkpoint', '3', '--root', root];
      const saved = {
        signal: 'SIGINT',
        call: 'rename',
        path: /\/checkpoints\/.*\/0*6\.[0-9a-f]{64}$/,
      } as const;
      expect(await runSegue(args, signalledAt(saved))).toMatchObject({ code: 130 });
      const [json] = await folder.json(args);
      expect(json!['resumedAfter']).toBeGreaterThanOrEqual(6);
      expect(hashesBelow(join(root, 'snapshots'))).toEqual(wanted);
      expect(readdirSync(join(root, 'checkpoints'))).toEqual([]);
    },
  );

  inFullTest()('stops early, with the model of the best epoch', async () => {
    const rules = ['--early-stop', 'ndcg@50:2', '--epochs', '30', '--holdout', '0.2'];
    const root = join(folder.path, 'early');
    const [json] = await folder.json([...train, ...bySums, ...rules, '--root', root]);
    expect(json!['stoppedBy']).toBe('early-stop');
    const kept = ['--epochs', String(json!['keptEpoch']), '--holdout', '0.2'];
    const whole = await snapshotOf(kept, 'kept');
    expect(hashesBelow(join(root, 'snapshots'))).toMatchObject(
      Object.fromEntries(Object.entries(whole).filter(([name]) => !name.endsWith('manifest.json'))),
    );
  });

  it('is what --dry-run says, also where nobody asked for a solver', async () => {
    const [plan] = await folder.json([...train, ...bySums, '--dry-run']);
    expect(plan).toMatchObject({ solver: 'partial-sums' });
    expect(plan!['options']).not.toHaveProperty('solver');
    const [usual] = await folder.json([...train, '--dry-run']);
    expect(usual).toMatchObject({ solver: 'in-memory' });
    expect(usual!['snapshot']).not.toBe(plan!['snapshot']);
    const [other] = await folder.json(['train', rock.plays, '--model', 'popularity', '--dry-run']);
    expect(other).toMatchObject({ solver: null });
  });

  it('is measured and tuned as others are, and the command that tune prints asks for it', async () => {
    const evaluate = ['evaluate', rock.plays, '--factors', '12', '--epochs', '2', '--bootstrap', '0'];
    const [measured] = await folder.json([...evaluate, ...bySums]);
    const [wanted] = await folder.json(evaluate);
    const ndcg = (json: Record<string, any>): number => json['results'][0].metrics['ndcg@100'];
    expect(ndcg(measured!)).toBeCloseTo(ndcg(wanted!), 3);
    const search = ['--space', 'reg=0.005..0.01:log', '--trials', '2', '--epochs', '1'];
    const [tuned] = await folder.json(['tune', rock.plays, '--factors', '8', ...bySums, ...search]);
    expect(tuned!['train'].join(' ')).toContain('--solver partial-sums');
  });

  it('is for als alone', async () => {
    const { stderr } = await folder.segue(['train', rock.plays, '--model', 'ease', ...bySums], 2);
    expect(stderr).toContain('--solver does not apply to --model ease');
  });
});
