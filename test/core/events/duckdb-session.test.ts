import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDuckdb } from '#dist/core/events/duckdb-session.js';

test('memory that ran out is followed by more, once', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'segue-tests-'));
  const session = await openDuckdb({
    ...{ scratch, threads: 1, inputBytes: 1000 },
    signal: new AbortController().signal,
  });
  onTestFinished(() => {
    session.close();
    rmSync(scratch, { recursive: true });
  });
  const limit = async (): Promise<string> =>
    String((await session.rows(`SELECT current_setting('memory_limit')`))[0]?.[0]);
  const before = await limit();
  // A list of numbers is not spilled to disk.
  const large = 'SELECT len(list(n)) FROM range(80000000) AS t(n)';
  await expect(session.rows(large)).rejects.toMatchObject({
    code: 'too-large',
    message: expect.stringContaining('more than 0.5 GB of memory'),
    details: { reason: 'memory', bytes: 450_000_000 },
  });
  expect(await session.takeMoreMemory()).toBe(true);
  expect(await limit()).not.toBe(before);
  expect(await session.takeMoreMemory()).toBe(false);
});
