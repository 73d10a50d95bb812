/** Publishers at the same time: exactly one wins, none waits, none steals, and a dead one is in nobody's way. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHistory } from '#dist/core/snapshot/publication-log.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { lockForPublishing } from '#dist/core/publishing/swap-current.js';
import { publish } from '#dist/core/tasks/publish.js';
import { withoutCanary } from '../helpers/calls-in-process.js';
import { quietly } from '../helpers/fault-sweep.js';
import { stop } from '../helpers/signals.js';
import { idA, idB, idC, listening, modelFiles, plantSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

beforeEach(async () => {
  root = temporaryDirectory();
  for (const [at, id] of [idA, idB, idC].entries()) plantSnapshot(root, id, modelFiles(at + 1));
  await publishing(idA);
});

function publishing(snapshot: string, expected?: string): Promise<unknown> {
  const options = { root, snapshot, expect: expected, require: [], dryRun: false };
  return withoutCanary(() => publish(options, listening()));
}

describe('two publishers that expect the same', () => {
  /** For each line on stdin, a snapshot and what to expect: publishes, again and again while the other has the lock. */
  const program = `
    import { createInterface } from 'node:readline';
    import { publish } from '#dist/core/tasks/publish.js';
    const [root] = process.argv.slice(1);
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    for await (const line of createInterface({ input: process.stdin })) {
      const [snapshot, expect] = line.split(' ');
      let wasBusy = false;
      for (let code = 'busy'; code === 'busy'; ) {
        code = await publish({ root, snapshot, expect, require: [], dryRun: false }, context).then(
          () => 'published',
          (error) => error.code,
        );
        if (code !== 'busy' || !wasBusy) process.stdout.write(code + '\\n');
        wasBusy = true;
        if (code === 'busy') await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }`;

  interface Publisher {
    readonly child: ChildProcess;
    /** Asks it to publish, and resolves once it has found the lock taken. */
    begin(snapshot: string, expected: string): Promise<void>;
    /** Asks it to publish, and says how that ended. */
    race(snapshot: string, expected: string): Promise<string>;
    /** How what was begun ended. */
    result(): Promise<string>;
  }

  function startPublisher(): Publisher {
    const child = spawn(process.execPath, [...quietly, '--input-type=module', '-e', program, root], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const answer = async (): Promise<string> => String((await lines.next()).value);
    const ask = (snapshot: string, expected: string): boolean =>
      child.stdin.write(`${snapshot} ${expected}\n`);
    const result = async (): Promise<string> => {
      const first = await answer();
      return first === 'busy' ? answer() : first;
    };
    return {
      child,
      async begin(snapshot, expected) {
        ask(snapshot, expected);
        expect(await answer()).toBe('busy');
      },
      race(snapshot, expected) {
        ask(snapshot, expected);
        return result();
      },
      result,
    };
  }

  let publishers: [Publisher, Publisher];
  beforeEach(() => {
    publishers = [startPublisher(), startPublisher()];
  });
  afterEach(() => {
    for (const { child } of publishers) child.kill('SIGKILL');
  });

  it('are told apart: one wins, fifty times out of fifty', async () => {
    for (let race = 0; race < 50; race++) {
      const before = readCurrent(root)!;
      const contenders = [idA, idB, idC].filter((id) => id !== before);
      // Whoever is asked first is not always the same.
      const order = race % 2 === 0 ? [0, 1] : [1, 0];
      const ends: string[] = [];
      await Promise.all(
        order.map(async (at) => {
          ends[at] = await publishers[at]!.race(contenders[at]!, before);
        }),
      );
      expect(ends.toSorted()).toEqual(['conflict', 'published']);
      expect(readCurrent(root)).toBe(contenders[ends.indexOf('published')]);
    }
    expect(readHistory(root).filter(({ phase }) => phase === 'commit')).toHaveLength(51);
  });

  it.each([
    [0, 1],
    [1, 0],
  ] as const)(
    'that both wait for the lock: whoever comes first wins, the other is told (%i before %i)',
    { tags: ['linux'] },
    async (first, second) => {
      const [winner, loser] = [publishers[first], publishers[second]];
      const lock = lockForPublishing(root);
      await Promise.all([winner.begin(idB, idA), loser.begin(idC, idA)]);
      await stop(loser.child);
      lock.release();
      expect(await winner.result()).toBe('published');
      loser.child.kill('SIGCONT');
      expect(await loser.result()).toBe('conflict');
      expect(readCurrent(root)).toBe(idB);
    },
  );
});

describe('a publisher that holds the lock', () => {
  const program = `
    import { lockForPublishing } from '#dist/core/publishing/swap-current.js';
    const lock = lockForPublishing(process.argv[1]);
    process.stdout.write('locked');
    if (process.argv[2] === 'works') for (;;) Math.sqrt(2);
    setInterval(() => lock, 1000);`;

  it.each([
    ['waits', 'SIGCONT'],
    ['works', 'SIGCONT'],
    ['waits', 'SIGSTOP'],
  ] as const)(
    'makes others give up at once while it %s (%s); when it is killed they may',
    async (how, signal) => {
      mkdirSync(rootPath.locks(root), { recursive: true });
      const child = spawn(process.execPath, ['--input-type=module', '-e', program, root, how], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      child.kill(signal);
      await expect(publishing(idB)).rejects.toMatchObject({
        code: 'busy',
        message: expect.stringContaining(`process ${child.pid} on`),
      });
      expect(readCurrent(root)).toBe(idA);
      child.kill('SIGKILL');
      await once(child, 'close');
      await publishing(idB);
      expect(readCurrent(root)).toBe(idB);
    },
  );
});
