/**
 * A disk that fails, or is full, while `recommend --all` or `similar --all` writes its answers: the command says so, no
 * file has the name, and the same command again gives the same bytes, from what is whole on.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { runWithFault, traceChanges } from '../helpers/fault-injection.js';
import type { TracedCall } from '../helpers/fault-injection.js';
import { binPath, runSegue, runSegueJson } from '../helpers/run-segue.js';
import { npy } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();
const numItems = 1500;
const numUsers = 300;

interface Command {
  readonly args: readonly string[];
  readonly unit: string;
  /** Of a block, and of all. */
  readonly perBlock: number;
  readonly subjects: number;
}

/** Three blocks each. */
const commands = {
  recommend: { args: ['-k', '1000'], unit: 'users', perBlock: 131, subjects: numUsers },
  similar: { args: ['-k', '200', '--exact'], unit: 'items', perBlock: 655, subjects: numItems },
} as const satisfies Record<string, Command>;
type Name = keyof typeof commands;

describe('answers for many', { tags: ['strace'] }, () => {
  let root: string;
  const calls = new Map<Name, Awaited<ReturnType<typeof traceChanges>>>();
  const whole = new Map<Name, Buffer>();

  const argsOf = (name: Name, out: string): string[] => [
    ...[name, '--all', ...commands[name].args, '--root', root, '--threads', '1', '--out', out],
  ];

  beforeAll(async () => {
    const inputs = keptDirectory();
    root = join(inputs, 'root');
    const random = seededRandom(8);
    for (const [name, rows] of [
      ['items', numItems],
      ['users', numUsers],
    ] as const) {
      const values = Float32Array.from({ length: rows * 8 }, () => random.nextFraction() - 0.5);
      writeFileSync(join(inputs, `${name}.npy`), npy('<f4', [rows, 8], values));
      writeFileSync(
        join(inputs, `${name}.txt`),
        Array.from({ length: rows }, (_, row) => `${name}-${row}\n`).join(''),
      );
    }
    const [items, users] = ['items', 'users'].map((name) => join(inputs, name));
    const ids = ['--ids', `${items}.txt`, '--user-vectors', `${users}.npy`, '--user-ids', `${users}.txt`];
    const made = await runSegue(['import', `${items}.npy`, ...ids, '--root', root]);
    expect(made.code, made.stderr).toBe(0);
    for (const name of Object.keys(commands) as Name[]) {
      const folder = join(inputs, name);
      mkdirSync(folder);
      const out = join(folder, 'a.arrow');
      calls.set(name, await traceChanges([binPath], argsOf(name, out), folder));
      whole.set(name, readFileSync(out));
    }
  });

  /** The call by its number about its own file. */
  function callOf(name: Name, pattern: RegExp, nth: number): TracedCall & { readonly path: string } {
    const found = calls.get(name)!.filter(({ text }) => pattern.test(text));
    expect(found.length, String(pattern)).toBeGreaterThan(nth === -1 ? 0 : nth);
    return found.at(nth)!;
  }

  it.each([
    // Where it begins, with nothing to keep; where the second block is on its way; at its end.
    ['recommend', 'EIO', /^openat.*a\.arrow\.partial"/, 0, 0],
    ['recommend', 'EIO', /^write.*a\.arrow\.partial>/, -1, 3],
    ['recommend', 'ENOSPC', /^write.*\.partial\.log>/, 3, 1],
    ['recommend', 'EIO', /^fsync.*a\.arrow\.partial>/, 0, 0],
    ['recommend', 'ENOSPC', /^(rename|link).*a\.arrow"/, 0, 3],
    ['similar', 'EIO', /^write.*\.partial\.log>/, 3, 1],
    ['similar', 'ENOSPC', /^fsync.*a\.arrow\.partial>/, 0, 0],
  ] as const)('%s: %s at %s (%i) keeps %i blocks', async (name, fault, pattern, nth, blocks) => {
    const folder = temporaryDirectory();
    const out = join(folder, 'a.arrow');
    const call = callOf(name, pattern, nth);
    const run = await runWithFault([binPath], argsOf(name, out), call, fault, join(folder, call.path));
    expect(run.fired, call.text).toBe(true);
    expect(run.code, run.stderr).toBe(7);
    const said = run.stderr.replace(/\s+/g, ' ');
    expect(said).toContain('could not write');
    expect(said).toContain(fault === 'EIO' ? 'EIO' : 'no space is left');
    expect(existsSync(out)).toBe(false);
    const left = blocks === 0 ? [] : ['a.arrow.partial', 'a.arrow.partial.log'];
    expect(readdirSync(folder).sort()).toEqual(left);
    expect(said.includes('run the same command again: it resumes from')).toBe(blocks > 0);

    const { json, stderr, code } = await runSegueJson(argsOf(name, out));
    expect(code, stderr).toBe(0);
    const { perBlock, subjects } = commands[name];
    expect(json).toMatchObject({ resumed: Math.min(subjects, blocks * perBlock) });
    expect(readFileSync(out).equals(whole.get(name)!)).toBe(true);
    expect(readdirSync(folder)).toEqual(['a.arrow']);
  });
});
