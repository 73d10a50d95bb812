/** `segue snapshots …` and `segue rollback` through the program. */
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { publish } from '#dist/core/tasks/publish.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { runHere } from '../helpers/run-here.js';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { idA, idB, idC, listening, modelFiles, plantSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

useCanaryHere();

const makeDirectory = temporaryDirectories('file');
let root = '';

/** A and B are whole, and were published; two files of C are damaged. */
beforeAll(async () => {
  root = makeDirectory();
  plantSnapshot(root, idA);
  plantSnapshot(root, idB, modelFiles(2));
  for (const snapshot of [idA, idB])
    await publish({ root, snapshot, require: [], dryRun: false }, listening());
  const path = plantSnapshot(root, idC, modelFiles(3));
  rmSync(join(path, 'model/eigenvalues.npy'));
  chmodSync(join(path, 'model/item.npy'), 0o644);
  writeFileSync(join(path, 'model/item.npy'), 'short');
});

const run = (...args: string[]): ReturnType<typeof runHere> => runHere(args, { env: { SEGUE_ROOT: root } });

it('verify prints all verdicts, then the failure, and ends with 4', async () => {
  const { code, stdout, stderr } = await run('snapshots', 'verify', '--all');
  expect(code).toBe(4);
  expect(stdout).toMatch(new RegExp(`^✓  ${idA}.*whole$`, 'm'));
  expect(stdout).toMatch(new RegExp(`^✗  ${idC}.*2 problems$`, 'm'));
  expect(stderr).toContain(
    `Error: 1 of 3 snapshots cannot be used: ${idC} (model/eigenvalues.npy, model/item.npy)`,
  );
});

it('verify as JSON is one document, of which the failure has all verdicts', async () => {
  const { code, stdout, stderr } = await run('snapshots', 'verify', idA, idC, '--json');
  expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
  const { error } = JSON.parse(stdout) as { error: { code: string; details: { verdicts: unknown[] } } };
  expect(error).toMatchObject({
    code: 'damaged-snapshot',
    details: {
      verdicts: [
        { snapshot: idA, whole: true },
        { snapshot: idC, whole: false },
      ],
    },
  });
});

it('a list with a damaged snapshot in it is no failure', async () => {
  const { code, stdout, stderr } = await run('snapshots');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^${idC}  DAMAGED`, 'm'));
  expect(stdout).toMatch(/^Warning: snapshot c{16} is damaged: model\//m);
});

it('rolls back, says how to take that back, and the words that it says do', async () => {
  const { code, stdout } = await run('rollback', '--why', 'it was a test');
  expect({ code, first: stdout.split('\n')[0] }).toEqual({ code: 0, first: `Rolled back to ${idA}` });
  const undo = /^undo +segue (.*)$/m.exec(stdout)![1]!.split(' ');
  expect((await run(...undo)).stdout).toContain(`Rolled back to ${idB}`);
  const { stdout: history } = await run('snapshots', 'history', '-n', '2');
  expect(history).toMatch(/^4 .* rollback {2}b{16}/m);
  expect(history).toMatch(/^3 .* rollback {2}a{16} .*it was a test/m);
  expect(history).toContain('… and 2 earlier changes');
});

it('refuses a damaged target, and leaves current as it was', async () => {
  const { code, stderr } = await run('rollback', idC);
  expect(code).toBe(4);
  expect(stderr).toMatch(/^Error: not rolled back, b{16} is still current: snapshot c{16} is damaged/);
});

it('a reader that goes away is no failure', () => {
  const line = `"${process.execPath}" "${binPath}" snapshots history | true; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', line], {
    env: cleanEnv({ SEGUE_ROOT: root }),
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
});
