import fc from 'fast-check';
import type { Progress } from '#dist/core/contracts.js';
import { describe, expect, it } from 'vitest';
import { failureOf, plainPairs, readEvents } from '../../helpers/event-oracle.js';
import { temporaryFiles } from '../../helpers/temporary-directory.js';

const fileOf = temporaryFiles();

const header = 'user,item,weight,time,type';

describe('a bad row', () => {
  /** As many at once as examples are kept; a quote that is open comes last. */
  it.each([
    [
      ['b,y,abc,,', 'weight', 'abc', /weight "abc" is not a number$/],
      ['b,y,,,', 'weight', '', /weight is empty; a number is wanted$/],
      ['b,y,nan,,', 'weight', 'nan', /weight "nan" is not a finite number$/],
      ['b,y,-Inf,,', 'weight', '-Inf', /weight "-Inf" is not a finite number$/],
      ['b,y,-2,,', 'weight', '-2', /weight "-2" is negative; 0 or more is wanted$/],
    ],
    [
      ['b,y,1e-12,,', 'weight', '1e-12', /weight "1e-12" is too small/],
      ['b,y,0.00000000049,,', 'weight', '0.00000000049', /is too small/],
      ['b,y,99999999999,,', 'weight', '99999999999', /is too large; at most 9223372036.854775807 is wanted$/],
      [',y,1,,', 'user', '', /user is empty; an id of 1 to 1,024 bytes is wanted$/],
      ['b,,1,,', 'item', '', /item is empty/],
    ],
    [
      ['b,"",1,,', 'item', '', /item is empty/],
      [`${'x'.repeat(1025)},y,1,,`, 'user', `${'x'.repeat(100)}…`, /user "x{100}…" takes 1025 bytes/],
      ['b,y,1,yesterday,', 'time', 'yesterday', /time "yesterday" is not a time; ISO 8601/],
      ['b,y,1,2024-02-30,', 'time', '2024-02-30', /time "2024-02-30" is not a time/],
      ['b,y,1,,skip', 'type', 'skip', /type "skip" is not a type; play, like, dislike or ban is wanted$/],
    ],
    [
      ['b,y,1', null, null, /has 3 columns; 5 are wanted$/],
      ['b,y,1,,,z', null, null, /has 6 columns; 5 are wanted$/],
      ['"b"x,y,1,,', null, null, /has text after a closing quote$/],
      ['"b,y,1,,', null, null, /has a quote that is never closed$/],
    ],
  ] as [row: string, column: string | null, value: string | null, message: RegExp][][])(
    'names file, line, value and what was wanted (%#)',
    async (...rows) => {
      const lines = rows.map(([row]) => row);
      const file = fileOf('plays.csv', [header, 'a,x,1,,', ...lines, 'c,z,1,,', ''].join('\n'));
      const told: Progress[] = [];
      const { interactions, skippedRows, skippedExamples, sources } = await readEvents(file, {
        skipBadRows: true,
        onProgress: (progress) => told.push(progress),
      });
      expect(plainPairs(interactions).users).toEqual(['a', 'c']);
      expect(skippedRows).toBe(rows.length);
      expect(sources).toMatchObject([{ rows: 2, skippedRows: rows.length }]);
      expect(skippedExamples).toEqual(
        rows.map(([, column, value, message], at) => ({
          ...{ file, line: 3 + at, column, value },
          message: expect.stringMatching(message),
        })),
      );
      for (const { line, message } of skippedExamples)
        expect(message.startsWith(`${file} line ${line}`)).toBe(true);

      const error = await failureOf(readEvents(file));
      const { message, ...details } = skippedExamples[0]!;
      expect(error).toMatchObject({ code: 'bad-row', exitCode: 2, message, details });
      const { length } = rows;
      expect(told.filter(({ kind }) => kind === 'warning')).toEqual([
        { kind: 'warning', message: expect.stringContaining(`bad rows skipped: ${length} (${message}`) },
      ]);
    },
  );

  it('is numbered by the line on which it begins, whatever lines end with and cells hold', async () => {
    const rows = ['user,item,weight', '"a', '', 'b",x,1', '', 'b,y,1', 'c,z,many'];
    for (const newline of ['\n', '\r\n']) {
      const error = await failureOf(readEvents(fileOf('e.csv', rows.join(newline))));
      expect(error.message).toMatch(/e\.csv line 7: weight "many" is not a number$/);
    }
    const mixed = await failureOf(
      readEvents(fileOf('e.csv', 'user,item,weight\r\na,x,1\nb,y,2\r\nc,z,no\n')),
    );
    expect(mixed.message).toMatch(/line 4: weight "no"/);
  });

  it('in JSON Lines is named by its line', async () => {
    const good = '{"user":"a","item":"x","plays":1}';
    // As many at once as examples are kept.
    const messages = async (...lines: (string | Buffer)[]): Promise<string[]> => {
      const file = fileOf(
        'e.jsonl',
        Buffer.concat([good, '', ...lines, good].flatMap((line) => [Buffer.from(line), Buffer.from('\n')])),
      );
      const { skippedExamples } = await readEvents(file, { skipBadRows: true });
      expect((await failureOf(readEvents(file))).message).toBe(skippedExamples[0]?.message);
      return skippedExamples.map(({ message }) => message.replace(`${file} `, ''));
    };
    expect(
      await messages(
        ...['{"user":"a","item":"x","plays":"many"}', '{"user":"a","item":"x"}', '{"item":"x","plays":1}'],
        '{"user":null,"item":"x","plays":1}',
      ),
    ).toEqual([
      'line 3: weight "many" (column "plays") is not a number',
      expect.stringMatching(/^line 4: weight \(column "plays"\) is empty/),
      expect.stringMatching(/^line 5: user is empty/),
      expect.stringMatching(/^line 6: user is empty/),
    ]);
    expect(await messages('{"user":', '[1]', Buffer.from([0x7b, 0xff, 0x7d]))).toEqual([
      'line 3 is not a JSON object',
      'line 4 is not a JSON object',
      'line 5 is not UTF-8: "{\\xff}"',
    ]);
    const file = fileOf('e.jsonl', `\ufeff${good}\n{"user":\n${good}\r\n`);
    const { skippedRows, interactions } = await readEvents(file, { skipBadRows: true });
    expect({ skippedRows, events: interactions.numEvents }).toEqual({ skippedRows: 1, events: 2 });
  });

  it('is any that is not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('user\titem\na\tx\nb\t'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('\n'),
    ]);
    const error = await failureOf(readEvents(fileOf('e.tsv', bytes)));
    expect(error).toMatchObject({
      code: 'bad-row',
      message: expect.stringMatching(/e\.tsv line 3: item is not UTF-8: "\\xc3\("$/),
    });
  });

  it('suggests what a first line that is a header may be', async () => {
    const error = await failureOf(readEvents(fileOf('e.csv', 'who,tune,n\na,x,1\n'), { noHeader: true }));
    expect(error.message).toMatch(/e\.csv line 1: weight "n" is not a number$/);
    expect(error['suggestions']).toContainEqual(expect.stringContaining('`columns` user=NAME'));
  });

  it('does not hide behind an earlier file, and is not the only one that is skipped', async () => {
    const rows = (name: string, bad: string) => fileOf(name, `user,item,weight\na,x,1\n${bad}b,y,2\n`);
    const files = [
      rows('1.csv', ''),
      rows('2.csv', 'c,z,?\n'),
      rows('3.csv', ',z,1\nc,z,-1\n'),
      rows('4.csv', ''),
    ];
    expect((await failureOf(readEvents(files))).message).toMatch(
      /2\.csv line 3: weight "\?"|3\.csv line 3: user/,
    );
    const { interactions, sources, skippedRows, skippedExamples } = await readEvents(files, {
      skipBadRows: true,
    });
    expect(interactions.numEvents).toBe(8);
    expect(skippedRows).toBe(3);
    expect(sources.map((source) => [source.rows, source.skippedRows])).toEqual([
      [2, 0],
      [2, 1],
      [2, 2],
      [2, 0],
    ]);
    expect(skippedExamples.map(({ message }) => message.replace(/^.*\//, ''))).toEqual([
      '2.csv line 3: weight "?" is not a number',
      '3.csv line 3: user is empty; an id of 1 to 1,024 bytes is wanted',
      '3.csv line 4: weight "-1" is negative; 0 or more is wanted',
    ]);
  });

  it('leaves no input where all are bad', async () => {
    const error = await failureOf(
      readEvents(fileOf('e.csv', 'user,item,weight\na,x,?\n,y,1\n'), { skipBadRows: true }),
    );
    expect(error).toMatchObject({
      code: 'empty-input',
      message: expect.stringMatching(/all 2 rows of .*e\.csv are bad; the first: /),
    });
  });

  it('never changes what the good ones give', async () => {
    const good = fc.record({
      user: fc.constantFrom('a', 'b', 'c'),
      item: fc.constantFrom('x', 'y'),
      weight: fc.integer({ min: 1, max: 9 }),
    });
    const bad = fc.constantFrom(
      'a',
      'a,x,',
      ',x,1',
      'a,x,1,2',
      '"a,x,1',
      'a,x,1e',
      '"a"b,x,1',
      'a,x,-1',
      'a,"x,1',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(good, bad), { minLength: 1, maxLength: 15 }), async (rows) => {
        const goodRows = rows.filter((row) => typeof row !== 'string');
        fc.pre(goodRows.length > 0);
        const line = (row: (typeof rows)[number]): string =>
          typeof row === 'string' ? row : `${row.user},${row.item},${row.weight}`;
        const text = (lines: typeof rows): string => ['user,item,weight', ...lines.map(line), ''].join('\n');
        const all = await readEvents(fileOf('e.csv', text(rows)), { skipBadRows: true });
        const clean = await readEvents(fileOf('e.csv', text(goodRows)));
        expect(all.interactions.sha256).toBe(clean.interactions.sha256);
        expect(all.skippedRows).toBe(rows.length - goodRows.length);
      }),
      { numRuns: 4 },
    );
  });
});
