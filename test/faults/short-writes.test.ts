/** A kernel that claims to have written what it did not: the file is whole, or there is an error and no file. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runWithFault, skipLoudly, straceIsHere } from '../helpers/fault-injection.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

const program = `
  import { writeDurableFile } from '#dist/core/files/durable-write.js';
  try {
    writeDurableFile(process.argv[1], [Buffer.alloc(5000, 1), Buffer.alloc(5000, 2), Buffer.alloc(5000, 3)]);
  } catch (error) {
    process.stderr.write(error.message);
    process.exitCode = error.exitCode ?? 70;
  }`;

describe.runIf(straceIsHere)('writeDurableFile', () => {
  it.each([1, 2, 3])('notices that write %i did not arrive', async (nth) => {
    const path = join(temporaryDirectory(), 'file');
    const run = await runWithFault(program, [path], { name: 'write', nth, text: '' }, 'short', path);
    expect(run.fired).toBe(true);
    expect(run.code).toBe(7);
    expect(run.stderr).toBe(`could not write ${path}: 14990 of 15000 bytes arrived`);
    expect(existsSync(path)).toBe(false);
  });
});

if (!straceIsHere) skipLoudly('writes that do not arrive', 'strace is missing or may not trace');
