import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf, plainPairs, readEvents } from '../../../helpers/event-oracle.js';
import { isFullTest } from '../../../helpers/full-tests.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');

function filesOf(files: Readonly<Record<string, string | Buffer>>): string[] {
  const directory = makeDirectory();
  return Object.entries(files).map(([name, content]) => {
    const path = join(directory, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
    return path;
  });
}

type Options = Parameters<typeof readEvents>[1];

/** `user>item*weight` of each pair, in the order of their bytes. */
async function pairsOf(files: Readonly<Record<string, string | Buffer>>, options?: Options): Promise<string> {
  const { interactions } = await readEvents(filesOf(files), options);
  const pairs = plainPairs(interactions).pairs.map(({ user, item, weight }) => {
    return `${user}>${item}${weight === 1_000_000_000n ? '' : `*${String(Number(weight) / 1e9)}`}`;
  });
  return pairs.sort().join(' ');
}

const two = '[{"user":"a","item":"x"},{"user":"b","item":"y"}]';
const named = (name: string): string => JSON.stringify([{ user: 'u', item: 'i', [name]: 5 }]);
/** As many columns as are looked at by a few statements; in the full test by many. */
const width = isFullTest() ? 10_000 : 250;
const wide = Array.from({ length: width }, (_, at) => `x${String(at)}`);
const wideCsv = `user,item,${wide.join(',')}\n${['u', 'v'].map((u) => `${u},i,${wide.map(() => '1').join(',')}\n`).join('')}`;
const wideRow = Object.fromEntries(wide.map((name) => [name, 1]));
const bom = '\ufeff';
const utf16 = (text: string, isBig = false): Buffer => {
  const bytes = Buffer.from(bom + text, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
};

type Read = readonly [
  what: string,
  files: Readonly<Record<string, string | Buffer>>,
  pairs: string,
  options?: Options,
];

const read: readonly Read[] = [
  [
    'an expression over 2 of many columns',
    { 'w.csv': wideCsv },
    'u>i*2 v>i*2',
    { columns: `weight=x5 + x${String(width - 1)}` },
  ],
  ['JSON of many keys', { 'w.json': JSON.stringify([{ user: 'u', item: 'i', ...wideRow }]) }, 'u>i'],
  ['a mark before an array', { 'b.json': bom + two }, 'a>x b>y'],
  [
    'a mark before lines, through a filter',
    { 'b.jsonl': `${bom}{"user":"a","item":"x"}\n{"user":"b","item":"y"}\n` },
    'b>y',
    { filter: 'user != "a"' },
  ],
  ['an array in UTF-16', { 'b.json': utf16(two) }, 'a>x b>y', { encoding: 'utf-16' }],
  [
    'an array in UTF-16 the other way round',
    { 'b.json': utf16(two, true) },
    'a>x b>y',
    { encoding: 'utf-16' },
  ],
  [
    'a column that is SQL',
    { 'e.csv': 'user,item,"a""; drop table x; --"\nu,i,5\nv,i,1\n' },
    'u>i*5',
    { columns: 'weight="a""; drop table x; --"', filter: '`a"; drop table x; --` > 2' },
  ],
  [
    'keys with quotes, within each other',
    { 'e.json': JSON.stringify([{ user: 'u', item: 'i', "it's": { "b'c": 3, 'd e': 4 } }]) },
    'u>i*12',
    { columns: "weight=`it's`.`b'c` * `it's`.`d e`" },
  ],
  [
    'files and folders that are SQL, and globs',
    { "it's; --.json": two, 'f/events*.json': two, "'; drop/[x].json": two, 'q?.csv': 'user,item\na,x\n' },
    "'; drop>x '; drop>y",
    { columns: 'user=folder', filter: 'file = "[x]"' },
  ],
  ...['SEGUE_ROW', 'folder', 'c0', 'n', 'json', 'item:name'].map(
    (name) => [`a key ${name}`, { 'e.json': named(name) }, 'u>i*5', { columns: `weight="${name}"` }] as const,
  ),
  ['a key without a name', { 'e.json': named('') }, 'u>i'],
  ['a key with a zero byte', { 'e.json': named('k\0') }, 'u>i'],
  [
    'columns that differ in case alone',
    { 'e.csv': 'user,Artist,artist,track\nu,A,B,t\n' },
    'u>A - B',
    { columns: 'item=Artist+artist', filter: 'artist = "B"' },
  ],
  [
    'numbers beyond 2^53, as they are written',
    {
      'e.json':
        '[{"user":12345678901234567890123,"item":9007199254740993},{"user":18446744073709551615,"item":"007"}]',
    },
    '12345678901234567890123>9007199254740993 18446744073709551615>007',
  ],
  [
    'days that are ids',
    { 'e.json': '[{"user":"2020-01-01","item":"2020-01-01 10:00"}]' },
    '2020-01-01>2020-01-01 10:00',
  ],
  ['a zero byte in an id', { 'e.json': '[{"user":"a\\u0000b","item":"x"}]' }, 'a\0b>x'],
  [
    'rows of other keys',
    { 'e.json': '[{"user":"a","item":"x"},{"item":"z","note":{},"user":"c"}]' },
    'a>x c>z',
  ],
  [
    'null and {} among rows, where bad rows are skipped',
    { 'e.json': '[null,{},{"user":"a","item":"x"}]' },
    'a>x',
    { skipBadRows: true },
  ],
  [
    'a structure in a row and a text in another',
    { 'e.json': '[{"user":"a","item":"x","t":{"n":1}},{"user":"b","item":"y","t":"z"}]' },
    'a>x b>y',
  ],
  ['the only list in an object', { 'e.json': `{"total":2,"events":${two}}` }, 'a>x b>y'],
  ['an empty array beside others', { 'a.json': '[ ]\n', 'b.json': two }, 'a>x b>y'],
  ['a key twice in a line', { 'e.jsonl': '{"user":"u","item":"a","item":"b"}' }, 'u>a'],
  [
    'numbers of 16 bytes by SQL',
    { 'e.csv': 'user,item\nu,i\n' },
    'u>170141183460469231731687303715884105727',
    { sql: 'select "user", 170141183460469231731687303715884105727 as item from events1' },
  ],
];

type Refused = readonly [
  what: string,
  files: Readonly<Record<string, string | Buffer>>,
  error: string | RegExp,
  options?: Options,
  code?: string,
];

const refused: readonly Refused[] = [
  ['UTF-16 that nobody said', { 'b.json': utf16(two) }, 'b.json is UTF-16 text'],
  [
    'Latin-1 in an array',
    { 'b.json': Buffer.from('[{"user":"é","item":"x"}]', 'latin1') },
    'b.json is not JSON at byte 10 in record/value 2: it is damaged or truncated',
  ],
  [
    'Latin-1 through a filter',
    { 'b.csv': Buffer.from('user,item\na,x\né,x\n', 'latin1') },
    'b.csv line 3 is not UTF-8: "\\xe9"',
    { filter: 'user != "q"' },
    'bad-row',
  ],
  [
    'a column that is there twice',
    { 'e.csv': 'user,item,x,x\nu,a,b,c\n' },
    'e.csv has two columns that are called "x"',
    { filter: 'x = "b"' },
  ],
  [
    'a matrix with an item twice',
    { 'e.csv': 'who,a,A\nu,1,2\n' },
    'e.csv has two columns that are called "A", in any case',
    { format: 'wide' },
  ],
  [
    'keys that differ in case alone, of which the second is wanted',
    { 'e.json': '[{"user":"u","Item":"A","item":"B"}]' },
    'e.json has no column "item"',
    { columns: 'item=item' },
  ],
  [
    'a key twice in an array',
    { 'e.json': '[{"user":"u","item":"a","item":"b"}]' },
    'e.json has an object with the key "item" twice in record/value 1',
  ],
  [
    'null among rows',
    { 'e.json': '[{"user":"a","item":"x"},null]' },
    'e.json row 2: user is empty',
    {},
    'bad-row',
  ],
  ['5 among rows', { 'e.json': '[{"user":"a","item":"x"},5]' }, 'e.json holds JSON that is no objects'],
  [
    '1e400',
    { 'e.json': '[{"user":"a","item":"x","weight":1e400}]' },
    'e.json row 1: weight "1e400" is too large',
    {},
    'bad-row',
  ],
  ['half of a pair', { 'e.json': '[{"user":"a\\ud800","item":"x"}]' }, 'e.json is not JSON at byte 17'],
  ['10,000 brackets', { 'e.json': '['.repeat(10_000) }, 'e.json is not JSON'],
  [
    '10,000 brackets, closed',
    { 'e.json': '['.repeat(10_000) + ']'.repeat(10_000) },
    'e.json holds JSON that is nested more than 1000 deep',
  ],
  [
    '300,000 objects in each other',
    { 'e.json': `[{"d":${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}}]` },
    'nested more than 1000 deep',
  ],
  [
    'an array without its end',
    { 'e.json': '[{"user":"a","item":"x"},{"user":"b","it' },
    'it is damaged or truncated',
  ],
  [
    'an array that ends after a comma',
    { 'e.json': '[{"user":"a","item":"x"},' },
    'e.json is not JSON: it is damaged or truncated',
  ],
  ['an array and more', { 'e.json': '[{"user":"a","item":"x"}] hello' }, 'it is damaged or truncated'],
  [
    'two arrays',
    { 'e.json': '[{"user":"a","item":"x"}]\n[{"user":"b","item":"x"}]' },
    'it is damaged or truncated',
  ],
  ['an empty array', { 'e.json': '[]' }, 'there are no events in', {}, 'empty-input'],
  [
    'objects where ids are wanted',
    { 'e.json': '[{"user":"a","item":{"n":"q"}},{"user":"b","item":"y"}]' },
    'the item column "item" holds UNION of objects and plain values',
  ],
  [
    'true where an id is wanted',
    { 'e.json': '[{"user":true,"item":"x"}]' },
    'the user column "user" holds UNION of true and false',
  ],
  [
    'a number that is not kept exactly',
    { 'e.csv': 'user,item,n\nu,t,9007199254740993\n' },
    'e.csv: n holds a whole number beyond 2^53: 9007199254740993',
    { filter: 'n > 5' },
  ],
  [
    'a filter that leaves nothing',
    { 'e.csv': 'user,item\nu,t\n' },
    /^no row of .*e\.csv is left: rows that do not match `filter` \(1\)$/,
    { filter: 'item = "q"' },
    'empty-input',
  ],
  [
    'a filter over no such column',
    { 'e.csv': 'user,item\nu,t\n' },
    '`filter`, character 1: there is no column nope; there are: filename, folder, file, user, item',
    { filter: 'nope = 1' },
    'bad-usage',
  ],
  [
    'a profile of other files',
    { 'e.csv': 'a,b\nu,t\n' },
    'e.csv has no column "userId", which movielens reads as the user',
    { format: 'movielens' },
  ],
  [
    'a type without a meaning',
    { 'e.csv': 'user,item,type\nu,t,cart\n' },
    'type "cart" is not a type',
    {},
    'bad-row',
  ],
];

/** All in the full test; in `npm test` every other one. */
function some<T>(cases: readonly T[], of = 2): readonly T[] {
  return cases.filter((_, at) => isFullTest() || at % of === 1);
}

describe('rows that are hard to read', () => {
  it.each(some(read).map(([what, files, pairs, options]) => ({ what, files, pairs, options })))(
    '$what: are right',
    async ({ files, pairs, options }) => {
      expect(await pairsOf(files, options)).toBe(pairs);
    },
  );

  it.each(
    some(refused).map(([what, files, message, options, code = 'bad-input-file']) => ({
      what,
      files,
      message,
      options,
      code,
    })),
  )('$what: are refused', async ({ files, message, options, code }) => {
    const error = await failureOf(readEvents(filesOf(files), options));
    expect({ code: error['code'], exitCode: error['exitCode'] }).toEqual({ code, exitCode: 2 });
    if (typeof message === 'string') expect(error.message).toContain(message);
    else expect(error.message).toMatch(message);
  });

  it('say what of them has no name in SQL, and where types have no column', async () => {
    const told: string[] = [];
    const [path] = filesOf({ 'e.json': '[{"user":"u","item":"a","x":1,"X":{"":1}}]' });
    await readEvents(path!, {
      types: 'like=x',
      onProgress: (progress) => progress.kind === 'warning' && told.push(progress.message),
    });
    expect(told).toEqual([
      expect.stringMatching(/^not read of .*e\.json: "X"$/),
      expect.stringMatching(/e\.json has no column of types, which `types` is about$/),
    ]);
  });
});

it('rows within an object are read, which is said; those of two lists are not', async () => {
  const told: string[] = [];
  const rows = '[{"user":"u","item":"a"},{"user":"v","item":"b"}]';
  const [path, two] = filesOf({
    'e.json': `{"made":1,"log":{"data":${rows}}}`,
    'two.json': `{"a":${rows},"b":${rows}}`,
  });
  const { interactions } = await readEvents(path!, {
    onProgress: (progress) => progress.kind === 'note' && told.push(progress.message),
  });
  expect({ events: interactions.numEvents, users: interactions.users.length }).toEqual({
    events: 2,
    users: 2,
  });
  expect(told).toEqual([`the rows of ${path!} are those of its list "log.data"`]);
  expect((await failureOf(readEvents(two!))).message).toContain('has no user column');
});

describe('SQL', () => {
  const csv = { 'e.csv': 'user,item,hours\nu,i,5\nv,j,1\n', 'f.tsv': 'user\tname\nu\tAnna\nv\tBen\n' };

  it.each<[sql: string, pairs: string, options?: Options]>([
    ['select "user", item, hours as weight from events1 where hours > 1;', 'u>i*5'],
    ['with x as (select * from events1) select "user", item from x -- and no more', 'u>i v>j'],
    ['/* all */ from events1; -- of them', 'u>i v>j'],
    ['select e.user, f.name as item from events1 e join events2 f using ("user")', 'u>Anna v>Ben'],
    [
      "values ('a', 'b') union all select \"user\", item from events1",
      'a>b u>i v>j',
      { columns: 'user=col0,item=col1' },
    ],
    ['select "user", sum(hours) as weight, min(item) as item from events1 group by all', 'u>i*5 v>j'],
    ['select * from events1', 'u>i*2.5', { columns: 'weight=hours / 2', filter: 'hours > 2' }],
  ])('%s is read', async (sql, pairs, options) => {
    expect(await pairsOf(csv, { sql, ...options })).toBe(pairs);
  });

  it('of anything but one SELECT over the files is refused, and nothing was read or written', async () => {
    const paths = filesOf(csv);
    const target = join(makeDirectory(), 'out');
    const secret = filesOf({ 'secret.csv': 'user,item\nspy,s\n' })[0]!;
    const refusedOnes = [
      `attach '${target}'`,
      'select * from events1; set threads = 1',
      `copy (select 1) to '${target}'`,
      `/* select */ copy events1 to '${target}'`,
      `-- select\nexport database '${target}'`,
      `select 1; copy events1 to '${target}'`,
      `select * from events1) t; copy (select 1) to '${target}'; select * from (select 1`,
      'install httpfs',
      'load httpfs',
      'pragma database_list',
      'set enable_external_access = true',
      'reset enable_external_access',
      'call pragma_version()',
      'insert into events1 values (1)',
      'create table x as select 1',
      'drop view events1',
      'prepare x as select 1',
      'explain select 1',
      'checkpoint',
      '',
      ' -- nothing',
      'hello',
      `select * from '${secret}'`,
      `select * from read_text('${secret}')`,
      `select * from read_csv('${secret}')`,
      `select content as "user", 'i' as item from read_blob('${secret}')`,
      `select Prompt as "user", 'i' as item from sniff_csv('${secret}')`,
      `select file as "user", 'i' as item from glob('${secret}*')`,
      `select * from parquet_metadata('${secret}')`,
      "select * from 'https://example.com/e.csv'",
      "select getenv('HOME') as \"user\", 'i' as item",
      'select * from events3',
    ];
    for (const sql of some(refusedOnes, 4)) {
      const error = await failureOf(readEvents(paths, { sql }));
      expect([sql, error['exitCode']]).toEqual([sql, 2]);
      expect(error.message).toContain('`sql`');
      expect(error.message).not.toContain('spy');
    }
    expect(existsSync(target)).toBe(false);
    expect((await failureOf(readEvents(paths, { sql: ' ' }))).message).toBe(
      '`sql` holds nothing; one SELECT is wanted',
    );
  });
});
