import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDuckdb } from '#dist/core/events/duckdb-session.js';

test('memory that ran out is followed by more, once', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'segue-tests-'));
  const session = await openDuckdb({
    ...{ scratch, threads: 1, inputs: [] },
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

test('memory that the system refuses is not blamed on the input', () => {
  const url = (file: string): string =>
    JSON.stringify(new URL(`../../../dist/${file}`, import.meta.url).href);
  // DuckDB may take 8 GB by its own share; a block of half a GB is refused before.
  const code =
    `const { openDuckdb } = await import(${url('core/events/duckdb-session.js')});` +
    'const scratch = process.argv[1]; const { signal } = new AbortController();' +
    'const session = await openDuckdb({ scratch, threads: 1, inputs: [], signal });' +
    `await session.connection.run("SET memory_limit = '8GB'");` +
    'await session.rows("SELECT len(list(n)) FROM range(80000000) AS t(n)").catch(({ code, exitCode, message, suggestions }) =>' +
    ' console.log(JSON.stringify({ code, exitCode, message, suggestions }))); process.exit(0);';
  const limited =
    'ulimit -v 2500000 && exec "$0" --disable-wasm-trap-handler --input-type=module -e "$1" "$2"';
  const said = execFileSync('bash', ['-c', limited, process.execPath, code, tmpdir()], { encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual({
    ...{ code: 'out-of-memory', exitCode: 7 },
    message: 'could not add up the events: the system gives no more memory',
    suggestions: [expect.stringContaining('ulimit -v')],
  });
});
