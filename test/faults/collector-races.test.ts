/** The collector beside readers that die, publishers that hang, and makers that make what it is about to take. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readLatest } from '#dist/core/snapshot/resolve-reference.js';
import { gc } from '#dist/core/tasks/gc.js';
import type { GcResult } from '#dist/core/tasks/gc.js';
import { contentOf, idA, idB, isThere, listening, makeSnapshot, modelFiles } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

beforeEach(async () => {
  root = temporaryDirectory();
  await makeSnapshot(root, idA);
  await makeSnapshot(root, idB);
});

function collect(): Promise<GcResult> {
  return gc({ root, keep: 0, dryRun: false }, listening());
}

/** Runs a module program until it has said something. */
async function start(program: string, ...args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, root, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

const prelude = `
  import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
  import { lockForPublishing } from '#dist/core/snapshot/swap-current.js';
  const root = process.argv[1];
  const context = { signal: new AbortController().signal, onProgress: () => undefined };`;

describe('a reader', () => {
  const program = `${prelude}
    const snapshot = await openForReading(root, '${idA}', context);
    process.stdout.write(snapshot.id);
    setInterval(() => snapshot, 1000);`;

  it('keeps its snapshot while it lives, stopped or not; killed, it keeps nothing from then on', async () => {
    const reader = await start(program);
    for (const signal of ['SIGCONT', 'SIGSTOP'] as const) {
      reader.kill(signal);
      const { snapshots } = await collect();
      expect(snapshots.find(({ snapshot }) => snapshot === idA)?.why).toEqual(['leased']);
      expect(await isThere(root, idA)).toBe(true);
    }
    await kill(reader);
    expect((await collect()).snapshots.find(({ snapshot }) => snapshot === idA)?.collected).toBe(true);
    expect(await isThere(root, idA)).toBe(false);
  });
});

describe('a publisher that hangs with the lock', () => {
  it.each([
    ['stopped', 'setInterval(() => lock, 1000);', 'SIGSTOP'],
    ['in a loop that never ends', 'while (lock.fd >= 0) continue;', 'SIGCONT'],
  ] as const)('is not robbed of it, %s; killed, it is in nobody’s way', async (_, hang, signal) => {
    const publisher = await start(`${prelude}
      const lock = lockForPublishing(root);
      process.stdout.write('locked', () => { ${hang} });`);
    publisher.kill(signal);
    const deadline = Date.now() + 1000;
    for (let tries = 0; tries < 3 || Date.now() < deadline; tries++) {
      await expect(collect()).rejects.toMatchObject({
        code: 'busy',
        message: expect.stringContaining(`process ${publisher.pid} on`) as string,
      });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idA, idB]);
    await kill(publisher);
    await collect();
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idB]);
  });
});

describe('makers', () => {
  /**
   * Makes the same few snapshots again and again, so that each is found, or was just collected; tags one of them, and
   * publishes now and then. Says what went wrong.
   */
  const program = `${prelude}
    import { beginSnapshot } from '#dist/core/snapshot/write-snapshot.js';
    import { findSnapshot } from '#dist/core/snapshot/find-snapshot.js';
    import { markLatest } from '#dist/core/snapshot/links.js';
    import { publish } from '#dist/core/tasks/publish.js';
    const [contents, files, tag] = process.argv.slice(2);
    const told = { made: 0, found: 0, published: 0, wrong: [] };
    let goesOn = true;
    process.stdin.on('end', () => (goesOn = false)).resume();
    process.stdout.write('ready');
    for (let at = 0; goesOn; at++) {
      const content = JSON.parse(contents)[at % 3];
      try {
        const found = await findSnapshot(root, content.id, context);
        if (found !== undefined) {
          markLatest(root, content.id, at % 3 === 0 ? tag : undefined);
          found.close();
          told.found++;
        } else {
          const draft = beginSnapshot(root, { estimatedBytes: 1000 }, context);
          try {
            for (const [name, text] of JSON.parse(files)) draft.write(name, [Buffer.from(text, 'base64')]);
            await draft.commit(content, at % 3 === 0 ? tag : undefined);
            told.made++;
          } finally {
            draft.abandon();
          }
        }
        if (at % 5 === 0) await publish({ root, snapshot: content.id, require: [], dryRun: false }, context).then(
          () => told.published++,
          // Someone else publishes or collects, or it was collected after latest had moved on.
          (error) => { if (!['busy', 'snapshot-not-found'].includes(error.code)) throw error; },
        );
        await new Promise((resolve) => setTimeout(resolve, 20));
      } catch (error) {
        told.wrong.push(error.stack);
      }
    }
    process.stdout.write(JSON.stringify(told));`;

  it('lose nothing that they have just made or found, in 50 rounds', async () => {
    const ids = ['c0c0c0c0c0c0c0c0', 'c1c1c1c1c1c1c1c1', 'c2c2c2c2c2c2c2c2'];
    const contents = JSON.stringify(ids.map((id) => contentOf(id)));
    const files = JSON.stringify(
      [...modelFiles()].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    );
    const makers = await Promise.all(['one', 'two'].map((tag) => start(program, contents, files, tag)));
    const texts = makers.map((child) => {
      const text: string[] = [];
      child.stdout?.on('data', (chunk) => text.push(String(chunk)));
      return text;
    });
    let [collected, busy] = [0, 0];
    for (let round = 0; round < 50;) {
      try {
        collected += (await collect()).snapshots.filter((one) => one.collected).length;
        round++;
      } catch (error) {
        expect(error).toMatchObject({ code: 'busy' });
        busy++;
      }
      // Whatever links name is there, and whole.
      for (const reference of ['latest', ...tagsOf(root), ...currentOf(root)]) {
        const snapshot = await openForReading(root, reference, listening());
        expect(await isThere(root, snapshot.id)).toBe(true);
        snapshot.close();
      }
    }
    await Promise.all(
      makers.map(async (child) => {
        const closed = once(child, 'close');
        child.stdin?.end();
        await closed;
      }),
    );
    const told = texts.map(
      (text) => JSON.parse(text.join('')) as Record<string, number> & { wrong: string[] },
    );
    expect(told.flatMap(({ wrong }) => wrong)).toEqual([]);
    const total = (name: string): number => told.reduce((sum, one) => sum + one[name]!, 0);
    // All of it happened.
    for (const what of ['made', 'published']) expect(total(what), what).toBeGreaterThan(0);
    expect(collected).toBeGreaterThan(0);
    expect(busy + total('found')).toBeGreaterThan(0);
    expect(readLatest(root)).toBeDefined();
    await collect();
    expect(readdirSync(rootPath.trash(root))).toEqual([]);
    expect(readdirSync(rootPath.snapshots(root)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  function tagsOf(root: string): string[] {
    try {
      return readdirSync(rootPath.tags(root)).filter((name) => !name.startsWith('.'));
    } catch {
      return [];
    }
  }

  function currentOf(root: string): string[] {
    return readdirSync(root).includes('current') ? ['current'] : [];
  }
});
