import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { describeInFullTest, inFullTest, isFullTest } from '../helpers/full-tests.js';
import { binPath, cleanEnv, runSegue, type RunResult } from '../helpers/run-segue.js';
import { signalledAt } from '../helpers/signals.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
  mkdirSync(join(folder.path, 'tmp'));
  const random = seededRandom(1);
  const row = (): string => `u${random.nextBelow(300)}\ti${random.nextBelow(1000)}`;
  writeFileSync(
    join(folder.path, 'events.tsv'),
    `user\titem\n${Array.from({ length: 6000 }, row).join('\n')}\n`,
  );
});
afterEach(() => folder.remove());

const root = (): string => join(folder.path, 'root');
const snapshots = (): string[] =>
  existsSync(join(root(), 'snapshots')) ? readdirSync(join(root(), 'snapshots')) : [];

/** Starts a training too long to end by itself, which gets the signal once it has trained two epochs. */
function interrupted(signal: NodeJS.Signals): Promise<RunResult> {
  const args = ['train', 'events.tsv', '--factors', '8', '--epochs', '10000', '--checkpoint', '1', '--json'];
  const env = { SEGUE_ROOT: root(), TMPDIR: join(folder.path, 'tmp') };
  const saved = /\/checkpoints\/.*\/0*2\.[0-9a-f]{64}$/;
  return runSegue(args, { cwd: folder.path, ...signalledAt({ signal, call: 'rename', path: saved }, env) });
}

describe('train', () => {
  const others: [NodeJS.Signals, number, string][] = [
    ['SIGINT', 130, 'interrupted'],
    ['SIGHUP', 129, 'hung-up'],
    ['SIGQUIT', 131, 'quit'],
  ];
  it.each(isFullTest() ? others : [['SIGTERM', 143, 'terminated'] as (typeof others)[number]])(
    'ends cleanly on %s: exit %i, and nothing half-written',
    async (signal, code, name) => {
      const result = await interrupted(signal);
      expect(result).toMatchObject({ code, signal: null });
      expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: name } });
      expect(snapshots()).toEqual([]);
      expect(existsSync(join(root(), 'latest'))).toBe(false);
      expect(readdirSync(join(folder.path, 'tmp'))).toEqual([]);
    },
  );

  inFullTest()(
    'killed leaves nothing that anyone can see, and the next training clears it away',
    async () => {
      const result = await interrupted('SIGKILL');
      expect(result.signal).toBe('SIGKILL');
      expect(snapshots().filter((name) => !name.startsWith('.tmp-'))).toEqual([]);
      expect(snapshots()).toHaveLength(1);
      await folder.segue(['similar', 'i1'], 3);
      const [trained] = await folder.json(['train', 'events.tsv', '--epochs', '1', '--factors', '8']);
      expect(snapshots()).toEqual([trained!['snapshot']]);
    },
  );
});

describeInFullTest()('a command whose output nobody takes', () => {
  it('ends when it is told to', async () => {
    await folder.segue(['train', 'events.tsv', '--epochs', '1', '--factors', '8']);
    const args = ['similar', '--all', '--format', 'ndjson', '--root', root()];
    const child = spawn(process.execPath, [binPath, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: cleanEnv(),
    });
    // More than a pipe holds is written, and none of it read.
    await once(child.stdout, 'readable');
    await wait(300);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([143, null]);
  });
});
