/** Publishers at the same time: exactly one wins, none waits, none steals, and a dead one is in nobody's way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { readHistory } from '#dist/core/snapshot/history.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { publish } from '#dist/core/tasks/publish.js';
import { idA, idB, idC, listening, modelFiles, plantSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

beforeEach(async () => {
  root = temporaryDirectory();
  for (const [at, id] of [idA, idB, idC].entries()) plantSnapshot(root, id, modelFiles(at + 1));
  await publish({ root, snapshot: idA, require: [], dryRun: false }, listening());
});

function publishing(snapshot: string, expected?: string): Promise<unknown> {
  return publish({ root, snapshot, expect: expected, require: [], dryRun: false }, listening());
}

describe('two publishers that expect the same', () => {
  /** Starts, says so, and publishes at the word go, again and again while the other one has the lock. */
  const program = `
    import { publish } from '#dist/core/tasks/publish.js';
    const [root, snapshot, expect] = process.argv.slice(1);
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    process.stdout.write('ready');
    process.stdin.once('data', async () => {
      for (let code = 'busy'; code === 'busy'; ) {
        code = await publish({ root, snapshot, expect, require: [], dryRun: false }, context).then(
          () => 'published',
          (error) => error.code,
        );
        if (code !== 'busy') process.stdout.write(code);
        else await new Promise((resolve) => setTimeout(resolve, 10));
      }
      process.exit();
    });`;

  it('are told apart: one wins, ten times out of ten', async () => {
    for (let race = 0; race < 10; race++) {
      const before = readCurrent(root)!;
      const contenders = [idA, idB, idC].filter((id) => id !== before);
      const children = contenders.map((id) =>
        spawn(process.execPath, ['--input-type=module', '-e', program, root, id, before], {
          stdio: ['pipe', 'pipe', 'inherit'],
        }),
      );
      await Promise.all(children.map((child) => once(child.stdout, 'data')));
      const answers = children.map((child) => once(child.stdout, 'data'));
      for (const child of children) child.stdin.write('go');
      const ends = (await Promise.all(answers)).map(String);
      expect(ends.toSorted()).toEqual(['conflict', 'published']);
      expect(readCurrent(root)).toBe(contenders[ends.indexOf('published')]);
    }
    expect(readHistory(root).filter(({ phase }) => phase === 'commit')).toHaveLength(11);
  });
});

describe('a publisher that holds the lock', () => {
  const program = `
    import { lockForPublishing } from '#dist/core/snapshot/swap-current.js';
    const lock = lockForPublishing(process.argv[1]);
    process.stdout.write('locked');
    setInterval(() => lock, 1000);`;

  it('makes others give up at once, stopped or not; when it is killed they may', async () => {
    mkdirSync(rootPath.locks(root), { recursive: true });
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    for (const signal of ['SIGCONT', 'SIGSTOP'] as const) {
      child.kill(signal);
      await expect(publishing(idB)).rejects.toMatchObject({
        code: 'busy',
        message: expect.stringContaining(`process ${child.pid} on`),
      });
    }
    expect(readCurrent(root)).toBe(idA);
    child.kill('SIGKILL');
    await once(child, 'close');
    await publishing(idB);
    expect(readCurrent(root)).toBe(idB);
  });
});
