import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { runSegue, type RunResult } from '../helpers/run-segue.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
  mkdirSync(join(folder.path, 'tmp'));
  const random = seededRandom(1);
  const row = (): string => `u${random.nextBelow(3000)}\ti${random.nextBelow(2000)}`;
  writeFileSync(
    join(folder.path, 'events.tsv'),
    `user\titem\n${Array.from({ length: 120_000 }, row).join('\n')}\n`,
  );
});
afterEach(() => {
  folder.remove();
});

const root = (): string => join(folder.path, 'root');
const snapshots = (): string[] =>
  existsSync(join(root(), 'snapshots')) ? readdirSync(join(root(), 'snapshots')) : [];

/** Starts a training too long to end by itself, and sends the signal once its first files or epochs are there. */
function interrupted(signal: NodeJS.Signals, delayMs: number): Promise<RunResult> {
  return runSegue(['train', 'events.tsv', '--epochs', '10000', '--json'], {
    cwd: folder.path,
    env: { SEGUE_ROOT: root(), TMPDIR: join(folder.path, 'tmp') },
    onSpawn: (child) => {
      const wait = setInterval(() => {
        // The draft is made when training starts.
        if (snapshots().length === 0) return;
        clearInterval(wait);
        setTimeout(() => child.kill(signal), delayMs);
      }, 20);
    },
  });
}

describe('train', () => {
  it.each([
    ['SIGINT', 130, 'interrupted'],
    ['SIGTERM', 143, 'terminated'],
    ['SIGHUP', 129, 'hung-up'],
    ['SIGQUIT', 131, 'quit'],
  ] as const)('ends cleanly on %s: exit %i, and nothing half-written', async (signal, code, name) => {
    const result = await interrupted(signal, 300);
    expect(result).toMatchObject({ code, signal: null });
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: name } });
    expect(snapshots()).toEqual([]);
    expect(existsSync(join(root(), 'latest'))).toBe(false);
    expect(readdirSync(join(folder.path, 'tmp'))).toEqual([]);
  });

  it('killed leaves nothing that anyone can see, and the next training clears it away', async () => {
    const result = await interrupted('SIGKILL', 300);
    expect(result.signal).toBe('SIGKILL');
    expect(snapshots().filter((name) => !name.startsWith('.tmp-'))).toEqual([]);
    expect(snapshots()).toHaveLength(1);
    await folder.segue(['similar', 'i1'], 3);
    const [trained] = await folder.json(['train', 'events.tsv', '--epochs', '1', '--factors', '8']);
    expect(snapshots()).toEqual([trained!['snapshot']]);
  });
});
