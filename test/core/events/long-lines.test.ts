import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import { endsInLongLine } from '#dist/core/events/files/last-line.js';
import { readItemTable } from '#dist/core/events/read-items.js';
import { failureOf, plainPairs, readEvents } from '../../helpers/event-oracle.js';
import { inFullTest, isFullTest } from '../../helpers/full-tests.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');

/** `text`, and then `bytes` times a character. */
function fileOf(name: string, text: string, bytes = 0, character = 'u', end = ''): string {
  const path = join(makeDirectory(), name);
  writeFileSync(path, text);
  appendFileSync(path, Buffer.alloc(bytes, character));
  appendFileSync(path, end);
  return path;
}

/** More than DuckDB's buffer. */
const beyond = 33_000_000;

describe('a last line', () => {
  const cases = [
    ['zeroed.csv', 'user,item\na,b\na,b\n', '\0', ''],
    ['e.csv', 'user,item\na,b\na,b\nu,', 'u', '\n'],
    ['e.tsv', 'user\titem\na\tb\na\tb\nu\t', 'u', ''],
    ['old-mac.csv', 'user,item\ra,b\ra,b\ru,', 'u', '\r'],
  ] as const;
  it.each(isFullTest() ? cases : cases.slice(0, 1))(
    'of %s that is longer than a buffer is never lost',
    async (name, text, character, end) => {
      const file = fileOf(name, text, beyond, character, end);
      const message = `${file} line 4 is longer than 2000000 bytes`;
      expect(await failureOf(readEvents(file))).toMatchObject({ code: 'bad-row', exitCode: 2, message });
      const { skippedRows, skippedExamples, interactions } = await readEvents(file, { skipBadRows: true });
      expect({ skippedRows, events: interactions.numEvents }).toEqual({ skippedRows: 1, events: 2 });
      expect(skippedExamples.map((each) => each.message)).toEqual([message]);
    },
  );

  inFullTest()('is not lost of packed files, among others, or of items', async () => {
    const text = Buffer.concat([Buffer.from('user,item\na,b\nu,'), Buffer.alloc(beyond, 'u')]);
    const file = fileOf('e.csv.gz', '');
    writeFileSync(file, gzipSync(text, { level: 1 }));
    const good = fileOf('good.csv', 'user,item\nc,d\n');
    const { skippedRows, interactions } = await readEvents([good, file], { skipBadRows: true });
    expect(skippedRows).toBe(1);
    expect(plainPairs(interactions).users).toEqual(['a', 'c']);
    const items = fileOf('i.csv', 'id,name\na,b\nu,', beyond);
    const context = { signal: new AbortController().signal, onProgress: () => {} };
    expect((await failureOf(readItemTable(items, context))).message).toBe(
      `${items} line 3 is longer than 2000000 bytes`,
    );
  });

  it('is measured from the end of the file', async () => {
    const long = async (text: string, bytes: number, end = ''): Promise<boolean> => {
      const path = fileOf('e.csv', text, bytes, 'u', end);
      const size = text.length + bytes + end.length;
      const about = { name: 'e.csv', path, gzip: false, bytes: size, head: Buffer.alloc(0) };
      return endsInLongLine({ ...about, checkUnchanged: () => Promise.resolve() });
    };
    expect(await long('a,b\n', 2_000_000)).toBe(false);
    expect(await long('a,b\n', 2_000_001)).toBe(true);
    expect(await long('a,b\n', 2_000_001, '\r\n')).toBe(true);
    expect(await long('a,b\n', 2_000_001, '\n'.repeat(70_000))).toBe(true);
    expect(await long('a,b\n', 3_000_000, '\nc,d\n')).toBe(false);
    expect(await long('', 2_000_001)).toBe(true);
    expect(await long('a,b\n', 0, '\n'.repeat(2_100_000))).toBe(false);
  });
});

describe('a line of JSON', () => {
  const good = '{"user":"a","item":"b"}\n';
  const begun = `${good}{"user":"c","item":"x","y":"`;

  inFullTest()('that is longer than 32 MiB is refused by its line, or skipped', async () => {
    const file = fileOf('e.jsonl', begun, 50_000_000, 'x', `"}\n${good}`);
    const message = `${file} line 2 is longer than 33554432 bytes`;
    expect(await failureOf(readEvents(file))).toMatchObject({ code: 'bad-row', exitCode: 2, message });
    const { skippedRows, interactions } = await readEvents(file, { skipBadRows: true });
    expect({ skippedRows, events: interactions.numEvents }).toEqual({ skippedRows: 1, events: 2 });
  });

  inFullTest()('that is nearly as long is read, also beside a bad one', async () => {
    const file = fileOf('e.jsonl', begun, 33_000_000, 'x', '"}\n');
    expect((await readEvents(file)).interactions.numEvents).toBe(2);
    appendFileSync(file, '{"user":true,"item":"b"}\n');
    const { skippedRows, interactions } = await readEvents(file, { skipBadRows: true });
    expect({ skippedRows, events: interactions.numEvents }).toEqual({ skippedRows: 1, events: 2 });
  });

  it.each([
    ['{"user":{"id":1},"item":"a"}', 'user "{\\"id\\":1}" is an object'],
    ['{"user":"u","item":["a","b"]}', 'item "[\\"a\\",\\"b\\"]" is an array'],
    ['{"user":true,"item":"a"}', 'user "true" is true or false'],
    ['{"user":"u","item":false}', 'item "false" is true or false'],
  ])('%s has no ids', async (line, problem) => {
    const file = fileOf('e.jsonl', `${good}${line}\n`);
    expect(await failureOf(readEvents(file))).toMatchObject({
      code: 'bad-row',
      message: `${file} line 2: ${problem}; text or a number is wanted`,
    });
  });

  it('takes text that looks like an object, and any number, as an id', async () => {
    const lines = [
      '{"user":"{x","item":"true"}',
      '{"user":12345678901234567890,"item":1.5}',
      '{"user":"[","item":"b"}',
    ];
    const { interactions } = await readEvents(fileOf('e.jsonl', `${lines.join('\n')}\n`));
    const { users, items } = plainPairs(interactions);
    expect(new Set(users)).toEqual(new Set(['{x', '12345678901234567890', '[']));
    expect(new Set(items)).toEqual(new Set(['true', '1.5', 'b']));
  });

  it('of a table of items has a plain id, and what else it has as its text', async () => {
    const context = { signal: new AbortController().signal, onProgress: () => {} };
    const bad = fileOf('i.jsonl', '{"id":{"$oid":"5f"},"name":"x"}\n');
    expect((await failureOf(readItemTable(bad, context))).message).toBe(
      `${bad} line 1: id is an object; text or a number is wanted`,
    );
    const table = await readItemTable(fileOf('i.jsonl', '{"id":1,"tags":["a"],"live":true}\n'), context);
    expect(table.columns.map(({ values }) => values)).toEqual([['["a"]'], ['true']]);
  });
});

it('gzip that ends in zeros is read with a warning', async () => {
  const file = fileOf('e.csv.gz', '');
  writeFileSync(file, Buffer.concat([gzipSync('user,item\na,b\n'), Buffer.alloc(100)]));
  const warnings: Progress[] = [];
  const onProgress = (progress: Progress): void => {
    if (progress.kind === 'warning') warnings.push(progress);
  };
  expect((await readEvents(file, { onProgress })).interactions.numEvents).toBe(1);
  expect(warnings).toEqual([
    { kind: 'warning', message: `${file} ends in 100 zero bytes after its gzip data; is it complete?` },
  ]);
  writeFileSync(file, Buffer.concat([gzipSync('user,item\na,b\n'), Buffer.from('c,d\n')]));
  expect((await failureOf(readEvents(file))).message).toContain('is damaged');
});
