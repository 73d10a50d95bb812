/**
 * Every system call with which a checkpoint takes the place of another: killed there, its disk full, its write cut
 * short. A whole one is there whatever happens, the old or the new.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoints } from '#dist/core/snapshot/checkpoints.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { inPairs, runWithFault, skipLoudly, straceIsHere, traceChanges } from '../helpers/fault-injection.js';
import type { Fault, TracedCall } from '../helpers/fault-injection.js';
import { idA, listening } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();

/** Goes on from epoch 1, and saves epoch 2. */
const program = `
  import { openCheckpoints } from '#dist/core/snapshot/checkpoints.js';
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const checkpoints = await openCheckpoints(process.argv[1], '${idA}', context);
  try {
    checkpoints.save(2, { epochs: [1, 2] }, new Map([['items', new Uint8Array(5000).fill(2)]]));
  } catch (error) {
    process.stderr.write(error.message);
    process.exitCode = error.exitCode ?? 70;
  } finally {
    checkpoints.close();
  }`;

let template: string;
const freshRoot = (): string => {
  const root = join(temporaryDirectory(), 'root');
  execFileSync('cp', ['-al', template, root]);
  return root;
};

/** The epoch that a next run would go on from; its bytes have been checked, and nothing else lies about. */
async function epochOf(root: string): Promise<number | undefined> {
  const context = listening();
  const checkpoints = await openCheckpoints(root, idA, context);
  const epoch = checkpoints?.found?.epoch;
  const bytes = new Uint8Array(5000);
  checkpoints?.found?.readInto('items', bytes);
  expect(new Set(bytes)).toEqual(new Set([epoch]));
  checkpoints?.close();
  expect(context.told.filter(({ kind }) => kind === 'warning')).toEqual([]);
  expect(readdirSync(rootPath.checkpoints(root, idA)).filter((name) => name.startsWith('.'))).toEqual([]);
  expect(readdirSync(rootPath.locks(root))).toEqual([]);
  return epoch;
}

describe.runIf(straceIsHere)('a checkpoint in the place of another', () => {
  // Each by its number about its own file: how often Node wakes itself by a write differs from run to run.
  let calls: (TracedCall & { readonly path: string })[];

  beforeAll(async () => {
    template = join(keptDirectory(), 'template');
    const checkpoints = await openCheckpoints(template, idA, listening());
    checkpoints?.save(1, {}, new Map([['items', new Uint8Array(5000).fill(1)]]));
    checkpoints?.close();
    const root = freshRoot();
    calls = await traceChanges(program, [root], root);
    expect(calls.length).toBeGreaterThan(6);
    expect(await epochOf(root)).toBe(2);
  });

  it.each(['SIGKILL', 'EIO', 'ENOSPC', 'short'] as const)(
    'is whole, or not there yet, after %s at any call',
    async (fault: Fault) => {
      const wanted = calls.filter(
        ({ name }) =>
          fault === 'SIGKILL' || (fault === 'short' ? name === 'write' : /sync|write|rename/.test(name)),
      );
      const seen = new Set<number | undefined>();
      await inPairs(wanted, async (call) => {
        const root = freshRoot();
        const run = await runWithFault(program, [root], call, fault, join(root, call.path));
        expect(run.fired, call.text).toBe(true);
        const epoch = await epochOf(root);
        expect([1, 2], `${call.text}: ${run.stderr}`).toContain(epoch);
        if (fault !== 'SIGKILL' && epoch === 1) expect(run.code, call.text).toBe(7);
        seen.add(epoch);
      });
      expect(seen).toContain(1);
    },
    120_000,
  );
});

if (!straceIsHere) skipLoudly('faults while checkpoints are written', 'strace is not here, or may not trace');
