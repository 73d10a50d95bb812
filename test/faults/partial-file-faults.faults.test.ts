/**
 * Every system call by which a file is written block by block: killed there, failed, its disk full, its write cut
 * short. The file is whole or not there at all, and writing it again gives the same bytes and leaves nothing else.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPartialFile } from '#dist/core/files/partial-file.js';
import { writeBlocks } from './programs/swept.mjs';
import {
  changesOf,
  sweepFault,
  sweptModule,
  sweptTask,
  type Change,
  type Swept,
} from '../helpers/fault-sweep.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();
const blocks = [1, 2, 3].map((at) => Buffer.alloc(1000 * at, at));
const whole = Buffer.concat([...blocks, Buffer.from('end')]);

const task = sweptTask(sweptModule, writeBlocks, {});

/** Writes it, or what is left of it. */
function writeAgain(root: string): number {
  const file = openPartialFile(join(root, 'answer'), { key: 'a', force: true });
  try {
    const { length } = file.found;
    for (const block of blocks.slice(length)) file.append([block], { at: 0 });
    file.commit([Buffer.from('end')]);
    return length;
  } finally {
    file.close();
  }
}

describe('writing a file block by block', { tags: ['strace'] }, () => {
  let swept: Swept;
  let changes: Change[];

  beforeAll(async () => {
    const template = join(keptDirectory(), 'root');
    mkdirSync(template);
    swept = { ...task, template, newDirectory: temporaryDirectory };
    changes = await changesOf({ ...swept, newDirectory: keptDirectory });
    expect(changes.length).toBeGreaterThan(12);
  });

  it('makes the bytes durable before they have their name, and the name before the log goes', () => {
    const at = (pattern: RegExp): number => changes.findLastIndex(({ text }) => pattern.test(text));
    const order = [
      /^write.*answer\.partial>/,
      /^fsync.*answer\.partial>/,
      /^rename/,
      /^fsync.*root>/,
      /^unlink.*partial\.log/,
    ].map(at);
    expect(order).not.toContain(-1);
    expect(order.toSorted((a, b) => a - b)).toEqual(order);
  });

  it.each(['SIGKILL', 'EIO', 'ENOSPC', 'short'] as const)(
    'goes on after %s at any of them with the same bytes',
    async (fault) => {
      const found = new Set<number>();
      const swayed = changes.filter(({ name }) => fault !== 'short' || name === 'write');
      await sweepFault(swept, fault, swayed, (_, root, run, what) => {
        const path = join(root, 'answer');
        if (existsSync(path)) expect(readFileSync(path).equals(whole), what).toBe(true);
        if (fault === 'EIO' || fault === 'ENOSPC') expect([0, 7], what).toContain(run.code);
        found.add(writeAgain(root));
        expect(readFileSync(path).equals(whole), what).toBe(true);
        expect(readdirSync(root), what).toEqual(['answer']);
        return Promise.resolve();
      });
      // Blocks were kept wherever some were whole.
      if (fault === 'SIGKILL') expect([...found].sort()).toEqual([0, 1, 2, 3]);
    },
  );
});
