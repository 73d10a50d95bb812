import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import { readInteractions } from '#dist/core/events/read-events.js';
import { failureOf, plainPairs } from '../../../helpers/event-oracle.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories();

async function read(
  content: string | Buffer,
  { name = 'train.txt', ...options }: { name?: string; format?: 'lightgcn'; columns?: string } = {},
) {
  const file = join(makeDirectory(), name);
  writeFileSync(file, content);
  const warnings: string[] = [];
  const result = await readInteractions({
    files: [file],
    skipBadRows: false,
    minUserItems: 1,
    minItemUsers: 1,
    threads: 2,
    signal: new AbortController().signal,
    onProgress: (progress: Progress) => {
      if (progress.kind === 'warning') warnings.push(progress.message.replace(file, name));
    },
    ...options,
  });
  return { pairs: plainPairs(result.interactions).pairs, source: result.sources[0]!, warnings };
}

const pairsOf = async (...args: Parameters<typeof read>): Promise<string[]> =>
  (await read(...args)).pairs.map(({ user, item }) => `${user}-${item}`).sort();

describe('a file of a user and then their items a line', () => {
  const text = '0 5 7 8\n1 5\n2 9 7\n';
  const wanted = ['0-5', '0-7', '0-8', '1-5', '2-7', '2-9'];

  it('is known by its lines of different lengths, packed or not', async () => {
    expect(await pairsOf(text)).toEqual(wanted);
    expect(await pairsOf(gzipSync(text), { name: 'train.txt.gz' })).toEqual(wanted);
    expect((await read(text)).source).toMatchObject({ format: 'lightgcn', rows: 6, header: false });
    expect((await read(text)).warnings).toEqual([]);
  });

  it('may end its lines in any way, and have empty ones', async () => {
    expect(await pairsOf('0 5 7 8 \r\n\r\n1  5\r\n2 9 7')).toEqual(wanted);
  });

  it('is the same as a file of pairs where every line is one', async () => {
    expect(await pairsOf('0 5\n0 7\n0 8\n1 5\n2 9\n2 7\n')).toEqual(wanted);
  });

  it('may have lines of one length, which is said', async () => {
    const { warnings } = await read('0 5 7\n1 5 8\n2 9 7\n');
    expect(warnings).toEqual([
      'train.txt is read as a user and then their items on every line; if it has columns, say so: `delimiter` space',
    ]);
    expect((await read('0 5 7\n1 5 8\n', { format: 'lightgcn' })).warnings).toEqual([]);
  });

  it('is not a file of columns, whose users repeat', async () => {
    expect(await pairsOf('0 5 3\n0 7 4\n1 5 2\n')).toEqual(['0-5', '0-7', '1-5']);
    const failure = await failureOf(read('0 5\n0 7,8\n1 5 2\n'));
    expect(failure['code']).toBe('bad-input-file');
    expect((failure['suggestions'] as string[])[0]).toContain('`format` lightgcn');
    expect(await pairsOf('0 5 3\n0 7 4\n1 5 2\n', { format: 'lightgcn' })).toEqual([
      ...['0-3', '0-4', '0-5', '0-7', '1-2', '1-5'],
    ]);
  });

  it('may have any ids, and any name where the format is said', async () => {
    expect(await pairsOf('ann queen\nbob queen abba\n')).toEqual(['ann-queen', 'bob-abba', 'bob-queen']);
    expect(await pairsOf('ann a,b\n', { name: 'x.csv', format: 'lightgcn' })).toEqual(['ann-a,b']);
  });

  it('pays no heed to columns that are meant for other files', async () => {
    expect(await pairsOf(text, { columns: 'user=uid,item=sid' })).toEqual(wanted);
  });

  it('says what is odd about it', async () => {
    const { warnings, pairs } = await read('0 5 7\n1\n0 8\n2 5\n');
    expect(warnings).toEqual([
      'train.txt: 1 users have more than one line ("0" …); their items are merged',
      'train.txt: 1 users have no items',
    ]);
    expect(pairs).toHaveLength(4);
  });

  it('names the line of an id that is too long', async () => {
    const failure = await failureOf(read(`0 5\n1 ${'9'.repeat(2000)} 7\n`));
    expect(failure).toMatchObject({ code: 'bad-row', details: { line: 2 } });
  });

  it('is read whole when it is larger than what is read at a time', async () => {
    const lines = Array.from({ length: 4000 }, (_, u) =>
      [`user-${u}`, ...Array.from({ length: 1 + (u % 40) }, (_, i) => `item-${(u * 7 + i * 13) % 977}`)].join(
        ' ',
      ),
    );
    const pairs = await pairsOf(lines.join('\n'));
    const expected = new Set(
      lines.flatMap((line) => {
        const [user, ...items] = line.split(' ');
        return items.map((item) => `${user}-${item}`);
      }),
    );
    expect(pairs).toEqual([...expected].sort());
  });
});
