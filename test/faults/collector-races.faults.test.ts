/** The collector beside readers that die, publishers that hang, and makers that make what it is about to take. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readLatest } from '#dist/core/snapshot/resolve-reference.js';
import { gc } from '#dist/core/tasks/gc.js';
import type { GcResult } from '#dist/core/tasks/gc.js';
import { quietly } from '../helpers/fault-sweep.js';
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
  import { lockForPublishing } from '#dist/core/publishing/swap-current.js';
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

it.each([
  ['stopped', 'setInterval(() => lock, 1000);', 'SIGSTOP'],
  ['in a loop that never ends', 'while (lock.fd >= 0) continue;', 'SIGCONT'],
] as const)(
  'a publisher that hangs with the lock is not robbed of it, %s; killed, it is in nobody’s way',
  async (_, hang, signal) => {
    const publisher = await start(`${prelude}
      const lock = lockForPublishing(root);
      process.stdout.write('locked', () => { ${hang} });`);
    publisher.kill(signal);
    // A lock is not lent for a time: nobody who hangs loses it, however often others ask.
    for (let tries = 0; tries < 10; tries++) {
      await expect(collect()).rejects.toMatchObject({
        code: 'busy',
        message: expect.stringContaining(`process ${publisher.pid} on`) as string,
      });
    }
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idA, idB]);
    await kill(publisher);
    await collect();
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idB]);
  },
);

describe('makers', () => {
  /**
   * For each number on stdin makes, or finds, one of the same few snapshots; tags and publishes one of them. Says what it
   * did, and what went wrong.
   */
  const program = `${prelude}
    import { createInterface } from 'node:readline';
    import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
    import { findSnapshot } from '#dist/core/snapshot/find-snapshot.js';
    import { markLatest } from '#dist/core/snapshot/links.js';
    import { publish } from '#dist/core/tasks/publish.js';
    const [contents, files, tag] = process.argv.slice(2);
    process.stdout.write('ready\\n');
    for await (const line of createInterface({ input: process.stdin })) {
      const at = Number(line);
      const told = { did: [] };
      const content = JSON.parse(contents)[at % 3];
      try {
        const found = await findSnapshot(root, content.id, context);
        if (found !== undefined) {
          markLatest(root, content.id, at % 3 === 0 ? tag : undefined);
          found.close();
          told.did.push('found');
        } else {
          const draft = beginSnapshot(root, { estimatedBytes: 1000 }, context);
          try {
            for (const [name, text] of JSON.parse(files)) draft.write(name, [Buffer.from(text, 'base64')]);
            await draft.commit(content, at % 3 === 0 ? tag : undefined);
            told.did.push('made');
          } finally {
            draft.abandon();
          }
        }
        if (at % 3 === 0) await publish({ root, snapshot: content.id, require: [], dryRun: false }, context).then(
          () => told.did.push('published'),
          // Someone else publishes or collects, or it was collected after latest had moved on.
          (error) => { if (!['busy', 'snapshot-not-found'].includes(error.code)) throw error; },
        );
      } catch (error) {
        told.wrong = error.stack;
      }
      process.stdout.write(JSON.stringify(told) + '\\n');
    }`;

  const numRounds = 50;
  const ids = ['c0c0c0c0c0c0c0c0', 'c1c1c1c1c1c1c1c1', 'c2c2c2c2c2c2c2c2'] as const;

  /** Does one of its steps; what it did. */
  type Maker = (at: number) => Promise<readonly string[]>;

  async function startMaker(tag: string): Promise<Maker> {
    const contents = JSON.stringify(ids.map((id) => contentOf(id)));
    const files = JSON.stringify(
      [...modelFiles()].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    );
    const child = spawn(
      process.execPath,
      [...quietly, '--input-type=module', '-e', program, root, contents, files, tag],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('ready');
    return async (at) => {
      child.stdin.write(`${at}\n`);
      const told = JSON.parse(String((await lines.next()).value)) as { did: string[]; wrong?: string };
      expect(told.wrong).toBeUndefined();
      return told.did;
    };
  }

  /** Whatever links name is there, and whole. */
  async function expectLinksWhole(): Promise<void> {
    for (const reference of ['latest', ...tagsOf(root), ...currentOf(root)]) {
      const snapshot = await openForReading(root, reference, listening());
      expect(await isThere(root, snapshot.id)).toBe(true);
      snapshot.close();
    }
  }

  it('and a collector see what the other has done: made, collected, made again, found', async () => {
    const maker = await startMaker('one');
    expect(await maker(0)).toEqual(['made', 'published']);
    expect(await maker(1)).toEqual(['made']);
    expect(await maker(2)).toEqual(['made']);
    // The first is current and tagged, and the last is latest.
    await collect();
    expect(readdirSync(rootPath.snapshots(root))).toEqual([ids[0], ids[2]]);
    expect(await maker(1)).toEqual(['made']);
    expect(await maker(0)).toEqual(['found', 'published']);
    await collect();
    expect(readdirSync(rootPath.snapshots(root))).toEqual([ids[0]]);
  });

  it(`lose nothing that they have just made or found, in ${numRounds} rounds`, async () => {
    const makers = await Promise.all(['one', 'two'].map(startMaker));
    for (let round = 0; round < numRounds; round++) {
      // Both make the same, or one what the other has just made.
      let atWork = makers.length;
      const steps = makers.map(async (maker, at) => {
        await maker(round + (round % 2) * at);
        atWork--;
      });
      // Collects for as long as they work; not at all would be no round.
      do {
        await collect().catch((error: unknown) => expect(error).toMatchObject({ code: 'busy' }));
        await expectLinksWhole();
      } while (atWork > 0);
      await Promise.all(steps);
      await expectLinksWhole();
    }
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
