/** Publishers at the same time: exactly one wins, none waits, none steals, and a dead one is in nobody's way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
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
  /** For each line on stdin, a snapshot and what to expect: publishes, again and again while the other has the lock. */
  const program = `
    import { createInterface } from 'node:readline';
    import { publish } from '#dist/core/tasks/publish.js';
    const [root] = process.argv.slice(1);
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    for await (const line of createInterface({ input: process.stdin })) {
      const [snapshot, expect] = line.split(' ');
      for (let code = 'busy'; code === 'busy'; ) {
        code = await publish({ root, snapshot, expect, require: [], dryRun: false }, context).then(
          () => 'published',
          (error) => error.code,
        );
        if (code !== 'busy') process.stdout.write(code + '\\n');
        else await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }`;

  function startPublisher(): {
    race: (snapshot: string, expected: string) => Promise<string>;
    end: () => void;
  } {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, root], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const answers = createInterface({ input: child.stdout });
    return {
      race: async (snapshot, expected) => {
        const answer = once(answers, 'line');
        child.stdin.write(`${snapshot} ${expected}\n`);
        return String((await answer)[0]);
      },
      end: () => child.stdin.end(),
    };
  }

  it('are told apart: one wins, fifty times out of fifty', async () => {
    const publishers = [startPublisher(), startPublisher()];
    const wins = [0, 0];
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
      const winner = ends.indexOf('published');
      expect(readCurrent(root)).toBe(contenders[winner]);
      wins[winner]!++;
    }
    for (const publisher of publishers) publisher.end();
    expect(readHistory(root).filter(({ phase }) => phase === 'commit')).toHaveLength(51);
    // They really were in each other's way.
    expect(Math.min(...wins)).toBeGreaterThan(0);
  }, 120_000);
});

describe('a publisher that holds the lock', () => {
  const program = `
    import { lockForPublishing } from '#dist/core/snapshot/swap-current.js';
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
