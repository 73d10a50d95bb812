/** Where stdout goes to a file, a device or a slow reader: all of the answer arrives, or the exit is 7 and says why. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inPairs } from '../helpers/fault-injection.js';
import { describeInFullTest, inFullTest, isFullTest } from '../helpers/full-tests.js';
import { copyGoldenRoot } from '../helpers/golden-root.js';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { mountTmpfs } from '../helpers/tmpfs.js';

const keptDirectory = temporaryDirectories('file');
const flooding = fileURLToPath(new URL('failing-package/run.js', import.meta.url));
const floodBytes = 50_000 * 101 + 1;
let directory: string;

beforeAll(() => {
  directory = keptDirectory();
  copyGoldenRoot('v1', join(directory, 'root'));
});

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs a line of a shell's in which "$@" is the command. */
function inShell(line: string, command: readonly string[], bin = binPath): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', line, 'sh', process.execPath, bin, ...command], {
      cwd: directory,
      env: cleanEnv({ SEGUE_ROOT: 'root' }),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr }));
  });
}

const commands = [
  ...[['--help'], ['snapshots', 'history', '--json'], ['similar', '--all', '-k', '2']],
  ...(isFullTest() ? [['--version'], [], ['snapshots'], ['no-such-command', '--json'], ['export']] : []),
];

describe('a full device', { tags: ['full-device'] }, () => {
  it('is exit 7 with a reason, whatever prints', async () => {
    const ended: (Ended & { readonly command: string })[] = [];
    await inPairs(commands, async (command) => {
      ended.push({ command: command.join(' '), ...(await inShell('exec "$@" > /dev/full', command)) });
    });
    for (const { command, code, stderr } of ended) {
      expect({ command, code }).toEqual({ command, code: 7 });
      expect(stderr).toMatch(
        /^Error: could not write the whole answer to stdout: no space is left on the device\n {2}→/,
      );
      expect(stderr.match(/Error:/g)).toHaveLength(1);
    }
  });

  inFullTest()('leaves a failure that needs no stdout its own exit code', async () => {
    const { code, stderr } = await inShell('exec "$@" > /dev/full', ['similar', 'no such item']);
    expect(code).toBe(3);
    expect(stderr).toContain('no item is called "no such item"');
  });

  inFullTest()('takes neither exit code nor answer from a command whose stderr goes there', async () => {
    const { code } = await inShell('exec "$@" > out.txt 2> /dev/full', ['snapshots']);
    expect(code).toBe(0);
    expect(readFileSync(join(directory, 'out.txt'), 'utf8')).toContain('current');
  });
});

describe('a file that may not grow', () => {
  it('is exit 7, with as much as it takes', async () => {
    const { code, stderr } = await inShell('ulimit -f 8; exec "$@" > limited.txt', ['flood', '0'], flooding);
    expect(code).toBe(7);
    expect(stderr).toContain(
      'could not write the whole answer to stdout: the file would exceed the size limit (ulimit -f)',
    );
  });

  inFullTest()('that is large enough has every byte', async () => {
    expect(await inShell('exec "$@" > whole.txt', ['flood', '0'], flooding)).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(join(directory, 'whole.txt'))).toHaveLength(floodBytes);
  });
});

describeInFullTest()('a disk that fills up', { tags: ['mount'] }, () => {
  afterAll(() => spawnSync('umount', [join(directory, 'small')]));

  it('is exit 7, whatever was decided before', async () => {
    spawnSync('mkdir', [join(directory, 'small')]);
    mountTmpfs(join(directory, 'small'), 8192);
    await inPairs(['0', '1'], async (decided) => {
      const { code, stderr } = await inShell(
        `exec "$@" > small/${decided}.txt`,
        ['flood', decided],
        flooding,
      );
      expect(code).toBe(7);
      expect(stderr).toContain('no space is left on the device');
    });
  });
});

inFullTest()('a reader that is slow gets every byte', async () => {
  const slow = `{ head -c 100000; ${'head -c 300000; '.repeat(4)} cat; } | wc -c > counted.txt`;
  expect(await inShell(`"$@" | ${slow}`, ['flood', '0'], flooding)).toEqual({ code: 0, stderr: '' });
  expect(Number(readFileSync(join(directory, 'counted.txt'), 'utf8'))).toBe(floodBytes);
});
