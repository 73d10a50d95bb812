import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sendCanary } from '#dist/core/snapshot/canary.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { useRealCanary } from '../../helpers/canary-here.js';
import { contentOf, idA, idB, listening, makeSnapshot, npy, plantSnapshot } from '../../helpers/snapshots.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

useRealCanary();
const temporaryDirectory = temporaryDirectories();

function planted(files?: ReadonlyMap<string, Uint8Array>): Parameters<typeof sendCanary> {
  const path = plantSnapshot(temporaryDirectory(), idA, files);
  return [path, readManifest(`${path}/manifest.json`), listening()];
}

/** What every process of Node's that starts from now on does first. */
function everyProcess(statement: string): void {
  process.env['NODE_OPTIONS'] = `--import=data:text/javascript,${encodeURIComponent(statement)}`;
}

function withRequire(statement: string): string {
  return `import { createRequire } from "node:module"; const require = createRequire("file:///"); ${statement}`;
}

/** Where the canary asks for memory in its own code: the first allocation of its check. */
function throwingImport(first: string, statement: string): string {
  return withRequire(`${first} Buffer.alloc = () => { ${statement} };
    Buffer.allocUnsafe = Buffer.alloc;`);
}

afterEach(() => {
  delete process.env['NODE_OPTIONS'];
});

describe('sendCanary', () => {
  it('comes back from a sound snapshot', () => sendCanary(...planted()));

  it('brings back what is wrong, with the file that it is about', async () => {
    const files = new Map([['model/item.npy', npy('<f4', [2, 2], new Float32Array(4))]]);
    await expect(sendCanary(...planted(files))).rejects.toMatchObject({
      code: 'damaged-snapshot',
      message: expect.stringContaining('model/item.npy'),
    });
  });

  it.each([
    ['dies of a signal', 'process.kill(process.pid, "SIGSEGV")', 'ended with SIGSEGV'],
    ['ends by itself', 'process.exit(3)', 'ended with exit code 3'],
    [
      'fails in a way that nobody thought of',
      'throw new RangeError("no such length")',
      'exit code 1 (Node.js v',
    ],
  ])('refuses a snapshot in which it %s', async (_what, statement, message) => {
    everyProcess(statement);
    await expect(sendCanary(...planted())).rejects.toMatchObject({
      code: 'damaged-snapshot',
      message: expect.stringMatching(
        new RegExp(`^snapshot ${idA} cannot be opened: .*${message.replace('(', '\\(')}`),
      ),
    });
  });

  it.each([
    ['waits for the machine', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)', 1200, '1.2 s'],
    ['is killed by it', 'process.kill(process.pid, "SIGKILL")', 60_000, 'SIGKILL'],
    ['gets no memory', 'throw new RangeError("Array buffer allocation failed")', 60_000, 'no more memory'],
  ])(
    'does not say that a snapshot is damaged where it %s, twice',
    async (_what, statement, limit, problem) => {
      const log = join(temporaryDirectory(), 'log');
      const count = `require("fs").appendFileSync(${JSON.stringify(log)}, "x");`;
      everyProcess(
        statement.startsWith('throw') ? throwingImport(count, statement) : withRequire(count + statement),
      );
      const [path, manifest, context] = planted();
      await expect(sendCanary(path, manifest, { ...context, timeoutMs: limit })).rejects.toMatchObject({
        ...{ code: 'unchecked', exitCode: 7 },
        message: expect.stringMatching(new RegExp(`^snapshot ${idA} could not be checked: .*${problem}`)),
        suggestions: [expect.any(String)],
      });
      // Where the time is out it may not have come so far.
      if (limit > 1200) expect(readFileSync(log, 'utf8')).toBe('xx');
    },
  );

  it('opens a snapshot at the second try, where the machine refused only the first', async () => {
    const log = join(temporaryDirectory(), 'log');
    everyProcess(
      withRequire(
        `const fs = require("fs"), at = ${JSON.stringify(log)};
         if (!fs.existsSync(at)) { fs.writeFileSync(at, ""); process.kill(process.pid, "SIGKILL"); }`,
      ),
    );
    await sendCanary(...planted());
    expect(existsSync(log)).toBe(true);
  });

  it('blames no snapshot where a terminal interrupts both', async () => {
    everyProcess('process.kill(process.pid, "SIGINT")');
    await expect(sendCanary(...planted())).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('is called back when its sender is interrupted', async () => {
    everyProcess('setInterval(() => undefined, 1e6); await new Promise(() => undefined);');
    const abort = new AbortController();
    const [path, manifest] = planted();
    setTimeout(() => {
      abort.abort();
    }, 100);
    await expect(sendCanary(path, manifest, listening(abort.signal))).rejects.toMatchObject({
      code: 'interrupted',
    });
    await expect(sendCanary(path, manifest, listening(abort.signal))).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});

describe('before it is believed, a snapshot is opened by the canary', () => {
  const wrongShape = new Map([['model/item.npy', npy('<f4', [2, 2], new Float32Array(4))]]);

  it('when it is made', async () => {
    const root = temporaryDirectory();
    const { model } = contentOf(idA);
    await expect(makeSnapshot(root, idA, { content: { model: { ...model, dim: 3 } } })).rejects.toMatchObject(
      { code: 'damaged-snapshot' },
    );
    await expect(openForReading(root, idA, listening())).rejects.toMatchObject({
      code: 'snapshot-not-found',
    });
  });

  it('when it is read for the first time', async () => {
    const root = temporaryDirectory();
    plantSnapshot(root, idB, wrongShape);
    await expect(openForReading(root, idB, listening())).rejects.toMatchObject({ code: 'damaged-snapshot' });
  });
});
