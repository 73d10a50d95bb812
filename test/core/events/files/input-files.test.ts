import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import type { AppError } from '#dist/core/errors.js';
import { openInputFiles, type InputOptions } from '#dist/core/events/files/input-files.js';
import { failureOf } from '../../../helpers/event-oracle.js';
import { isFullTest } from '../../../helpers/full-tests.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';
import { zipOf, type ZipEntry } from '../../../helpers/zip.js';

const makeDirectory = temporaryDirectories();
const csv = 'user,item\na,x\n';

/** `csv` as `zstd` writes it: with a sum, in one frame of one block. */
const zst = Buffer.from('28b52ffd240e710000757365722c6974656d0a612c780a662f2fbc', 'hex');

/** Files of a new directory, and what opening some of them gives: contents by name, and what was said. */
function folderOf(contents: Readonly<Record<string, string | Buffer>>) {
  const directory = makeDirectory();
  let scratch = '';
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  const short = (text: string): string => text.replaceAll(`${directory}/`, '').replaceAll(directory, '.');
  const told: Progress[] = [];
  const open = async (
    names: string | readonly string[],
    options: InputOptions = {},
    signal?: AbortSignal,
  ) => {
    const paths = [names].flat().map((name) => (name === '-' ? name : join(directory, name)));
    scratch = makeDirectory();
    const context = {
      signal: signal ?? new AbortController().signal,
      onProgress: (progress: Progress) => void told.push(progress),
    };
    const files = await openInputFiles(paths, scratch, context, options);
    // DuckDB tells them apart by these.
    for (const [at, { path }] of files.entries())
      expect(/^input-(\d+)(?:-|$)/.exec(basename(path))?.[1]).toBe(String(at));
    return files;
  };
  return {
    directory,
    sizesLeft: () => readdirSync(scratch).map((name) => statSync(join(scratch, name)).size),
    told,
    open,
    async read(names: string | readonly string[], options?: InputOptions) {
      const files = await open(names, options);
      return Object.fromEntries(files.map(({ name, path }) => [short(name), readFileSync(path, 'utf8')]));
    },
    async refusal(names: string | readonly string[], options?: InputOptions) {
      const error = await failureOf(open(names, options));
      expect(error).toMatchObject({ code: 'bad-input-file', exitCode: 2 });
      return short([error.message, ...(error as unknown as AppError).suggestions].join(' → '));
    },
    warnings: () => told.flatMap((each) => (each.kind === 'warning' ? [short(each.message)] : [])),
  };
}

describe('a folder', () => {
  it('is all of its data files, by the bytes of their paths', async () => {
    const folder = folderOf({
      'b.csv': 'b',
      'B.csv': 'B',
      'a/z.jsonl.gz': gzipSync('z'),
      'a/deep/er/c.zst': zst,
      'a-b.tsv': 'a-b',
      'c.zip': zipOf({ name: 'one.csv', data: '1' }, { name: 'a/two.csv', data: '2' }),
      'é.txt': 'é',
      '.hidden': 'no',
      '.git/x.csv': 'no',
      _SUCCESS: 'no',
      '_temporary/x.csv': 'no',
      '__MACOSX/x.csv': 'no',
      'part-0.csv.crc': 'no',
      'empty.csv': '',
      '_day=1/p.csv': 'p',
    });
    expect(Object.entries(await folder.read('.'))).toEqual([
      ['B.csv', 'B'],
      ['_day=1/p.csv', 'p'],
      ['a-b.tsv', 'a-b'],
      ['a/deep/er/c.zst', csv],
      ['a/z.jsonl.gz', 'z'],
      ['b.csv', 'b'],
      ['c.zip/a/two.csv', '2'],
      ['c.zip/one.csv', '1'],
      ['é.txt', 'é'],
    ]);
    expect(folder.warnings()).toEqual([]);
  });

  it('leaves out what is no data, and names it', async () => {
    const others = {
      'README.md': '#',
      LICENSE: 'x',
      'readme-first.txt': 'x',
      'cover.PNG': '\x89PNG',
      'list.xlsx': 'PK',
    };
    const folder = folderOf({
      ...others,
      'e.csv': csv,
      'readme.csv': csv,
      'library.data': 'SQLite format 3\0',
      'music.bin': zipOf({ name: 'xl/workbook.xml', data: '<x>' }),
      'photos.zip': zipOf({ name: 'a/cat.jpg', data: 'x' }),
      'more/none.zip': zipOf(),
      'more/notes.md': '#',
    });
    execFileSync('mkfifo', [join(folder.directory, 'pipe')]);
    expect(Object.keys(await folder.read('.'))).toEqual(['e.csv', 'readme.csv']);
    expect(folder.warnings()).toEqual([expect.stringMatching(/^left out of \., as no data: .* and 1 more$/)]);
    for (const name of ['README.md', 'LICENSE', 'library.data', 'music.bin', 'pipe'])
      expect(folder.told.at(-1)).toMatchObject({ message: expect.stringContaining(name) });
    expect(await folderOf(others).refusal('.')).toMatch(
      /^\. holds no file of data; no data: .*README\.md.* → CSV/,
    );
    expect(await folderOf({ _SUCCESS: '' }).refusal('.')).toMatch(/^\. holds no file of data → CSV/);
    // What holds data when it is unpacked is not passed over.
    const packed = folderOf({ 'e.csv': csv, 'f.csv.bz2': 'BZh91AY' });
    expect(Object.keys(await packed.read('.'))).toEqual(['e.csv', 'f.csv.bz2']);
  });

  it('follows no link to a folder, and reads a file once', async () => {
    const folder = folderOf({ 'a/e.csv': csv, 'b/f.csv': 'f' });
    const path = (name: string): string => join(folder.directory, name);
    symlinkSync('..', path('a/loop'));
    symlinkSync(path('b'), path('a/other'));
    symlinkSync('../b/f.csv', path('a/link.csv'));
    linkSync(path('a/e.csv'), path('b/same.csv'));
    expect(await folder.read('.')).toEqual({ 'a/e.csv': csv, 'a/link.csv': 'f' });
    expect(folder.warnings()).toEqual([
      'links to folders are not followed: a/loop, a/other',
      'read once, as these are the same files under other names: b/f.csv, b/same.csv',
    ]);
    const error = await failureOf(folder.open(['a', 'b/f.csv']));
    expect(error).toMatchObject({ code: 'bad-usage', message: expect.stringContaining('is given twice') });
    symlinkSync('gone', path('b/broken.csv'));
    expect(await folderOf({}).refusal('gone')).toBe('gone does not exist');
    expect((await failureOf(folder.open('b'))).message).toContain('b/broken.csv does not exist');
  });

  it('has columns in its path, as a file and a glob have', async () => {
    const day = 'dt=2024-01-01/country=C%C3%B4te%20d%27Ivoire/e.csv';
    const folder = folderOf({
      [`plays/${day}`]: csv,
      'plays/dt=__HIVE_DEFAULT_PARTITION__/100%=100%/e.csv': csv,
      'plays/e=f.csv': csv,
      'plays/__proto__=x/e.csv': csv,
      'plays/all.zip': zipOf({ name: 'user=ann/e.csv', data: csv }),
    });
    const partitions = async (name: string) => (await folder.open(name)).map((file) => file.partitions);
    const first = { dt: '2024-01-01', country: "Côte d'Ivoire" };
    expect(await partitions('plays')).toEqual([
      Object.fromEntries([['__proto__', 'x']]),
      { user: 'ann' },
      first,
      { dt: '', '100%': '100%' },
      undefined,
    ]);
    for (const name of [`plays/${day}`, 'plays/dt=2*/*/*.csv', 'plays/dt=2*']) {
      const other = folderOf({ [`plays/${day}`]: csv });
      expect((await other.open(name)).map((file) => file.partitions)).toEqual([first]);
    }
  });
});

describe('zstd', () => {
  it('is unpacked by its first bytes, in several frames, in pipes and behind gzip in a zip', async () => {
    const skipped = Buffer.from('502a4d1804000000ffffffff', 'hex');
    const folder = folderOf({
      'e.csv.zst': zst,
      plain: Buffer.concat([skipped, zst, zst]),
      'a.zip': zipOf({ name: 'e.zst', data: zst }, { name: 'f.csv.gz', data: gzipSync('f'), method: 0 }),
      'cut.zst': zst.subarray(0, -1),
      'cut2.zst': zst.subarray(0, 12),
      'tail.zst': Buffer.concat([zst, Buffer.from('no frame of any kind')]),
      'twice.gz': gzipSync(zst),
    });
    expect(await folder.read(['e.csv.zst', 'plain', 'a.zip'])).toEqual({
      'e.csv.zst': csv,
      plain: csv + csv,
      'a.zip/e.zst': csv,
      'a.zip/f.csv.gz': 'f',
    });
    expect(folder.told.filter(({ kind }) => kind === 'step').at(-1)).toMatchObject({ unit: 'bytes' });
    const piped = folderOf({});
    const stdin = Readable.from([zst.subarray(0, 3), zst.subarray(3)]);
    expect(await piped.read('-', { stdin })).toEqual({ 'standard input': csv });
    for (const name of ['cut.zst', 'cut2.zst', 'tail.zst']) {
      const bytes = readFileSync(join(folder.directory, name));
      expect(await folderOf({ [name]: bytes }).refusal(name)).toBe(
        `${name} is damaged: its zstd data is truncated or corrupt → Check it with: zstd -t ${name}`,
      );
    }
  });
});

describe('a zip archive', () => {
  const one = (entry: Partial<ZipEntry> = {}): ZipEntry => ({ name: 'e.csv', data: csv, ...entry });

  it.each<[string, readonly ZipEntry[], Readonly<Record<string, string>>]>([
    ['of one file', [one()], { 'e.csv': csv }],
    [
      'of stored files',
      [one({ method: 0 }), one({ name: 'b/ö.csv', method: 0 })],
      { 'b/ö.csv': csv, 'e.csv': csv },
    ],
    ['with 64 bits', [one({ zip64: true })], { 'e.csv': csv }],
    ['with names of DOS', [one({ name: Buffer.from([0x81, 0x2e, 0x63]) })], { 'ü.c': csv }],
    [
      'with more than data',
      [
        one(),
        one({ name: 'd/', data: '' }),
        one({ name: '__MACOSX/._e.csv' }),
        one({ name: 'none.csv', data: '' }),
        one({ name: 'doc.pdf' }),
        one({ name: 'link.csv', isLink: true }),
        one({ name: 'doc', data: '%PDF-1.4' }),
      ],
      { 'e.csv': csv },
    ],
  ])('%s is its data files', async (what, entries, expected) => {
    const folder = folderOf({ zip: zipOf(...entries) });
    const prefixed = Object.entries(expected).map(([name, text]) => [`zip/${name}`, text]);
    expect(await folder.read('zip')).toEqual(Object.fromEntries(prefixed));
    const leftOut = ['left out of zip, as no data: zip/doc, zip/doc.pdf, zip/link.csv'];
    expect(folder.warnings()).toEqual(what === 'with more than data' ? leftOut : []);
  });

  const byHand = 'Unpack it yourself, and name what is wanted: unzip e.zip -d FOLDER';
  const damaged = (name: string): string =>
    `${name} is damaged: its zip data is truncated or corrupt → Check it with: unzip -t e.zip`;
  it.each<[string, Buffer, string]>([
    [
      'a name that climbs',
      zipOf(one({ name: 'a/../../e.csv' })),
      `e.zip holds "a/../../e.csv", whose name leads elsewhere → ${byHand}`,
    ],
    [
      'an absolute name',
      zipOf(one({ name: '/etc/e.csv' })),
      `e.zip holds "/etc/e.csv", whose name leads elsewhere → ${byHand}`,
    ],
    [
      'a name of Windows',
      zipOf(one({ name: 'a\\e.csv' })),
      `e.zip holds "a\\\\e.csv", whose name leads elsewhere → ${byHand}`,
    ],
    [
      'a drive',
      zipOf(one({ name: 'C:e.csv' })),
      `e.zip holds "C:e.csv", whose name leads elsewhere → ${byHand}`,
    ],
    [
      'an encrypted entry',
      zipOf(one({ flags: 1, method: 99 })),
      `e.zip holds "e.csv", which is encrypted → ${byHand}`,
    ],
    ['strong encryption', zipOf(one({ flags: 0x41 })), 'e.zip is encrypted → Unpack it first: unzip e.zip'],
    ['one name twice', zipOf(one(), one({ data: 'other' })), `e.zip holds "e.csv" twice → ${byHand}`],
    [
      'entries upon each other',
      zipOf(one(), one({ name: 'f.csv', overlaps: true })),
      `e.zip holds entries that lie upon each other, as those of a bomb do → ${byHand}`,
    ],
    [
      'a method that is not read',
      zipOf(one({ method: 93 })),
      'e.zip/e.csv is compressed in a way that is not read → Unpack it first: unzip e.zip',
    ],
    [
      'a zip in it',
      zipOf(one({ name: 'in.zip', data: zipOf(one()) })),
      'e.zip/in.zip is a zip archive in a zip archive → Unpack the outer one first: unzip e.zip in.zip',
    ],
    ['another sum', zipOf(one({ crc: 7 })), damaged('e.zip/e.csv')],
    ['a larger size than is there', zipOf(one({ size: 100 })), damaged('e.zip/e.csv')],
    ['a smaller size than is there', zipOf(one({ size: 3 })), damaged('e.zip/e.csv')],
    ['no end', zipOf(one()).subarray(0, -10), damaged('e.zip')],
    ['no beginning', zipOf(one({ data: csv.repeat(99) })).subarray(0, 60), damaged('e.zip')],
    [
      'a damaged gzip in it',
      zipOf(one({ name: 'e.gz', data: gzipSync(csv).subarray(0, -4) })),
      'e.zip/e.gz is damaged: its gzip data is truncated or corrupt → Check it with: unzip -p e.zip e.gz | gzip -t',
    ],
    [
      'nothing',
      zipOf(),
      'e.zip holds no file of data; no data: e.zip → CSV, TSV, JSON, Parquet, Arrow and DuckDB files are read, also in .gz, .zst and .zip.',
    ],
  ])('with %s is refused', async (_, bytes, message) => {
    expect(await folderOf({ 'e.zip': bytes }).refusal('e.zip')).toBe(message);
  });

  it.each([
    ['Delta', 't/_delta_log/0.json'],
    ['Hudi', '.hoodie/hoodie.properties'],
    ['Iceberg', 't/metadata/v1.metadata.json'],
  ])('that holds a table of %s is refused, as its folder is', async (kind, log) => {
    const packed = folderOf({ 'e.zip': zipOf(one(), one({ name: log })) });
    expect(await packed.refusal('e.zip')).toMatch(
      `e.zip is of a table of ${kind}, e.zip: its files still hold`,
    );
    const plain = folderOf({ [`lake/${log}`]: '{}', 'lake/t/e.parquet': 'PAR1' });
    expect(await plain.refusal('lake')).toMatch(new RegExp(`^lake.* is of a table of ${kind}, `));
  });

  it('may come through a pipe, and hold thousands of files', async () => {
    const many = isFullTest() ? 10_000 : 500;
    const names = Array.from({ length: many }, (_, at) => `${at}.csv`);
    const folder = folderOf({});
    const stdin = Readable.from([zipOf(...names.map((name) => ({ name, data: csv, method: 0 })))]);
    const files = await folder.open('-', { stdin });
    expect(files).toHaveLength(many);
    expect(files.at(-1)).toMatchObject({
      name: expect.stringMatching(/^standard input\/99/),
      bytes: csv.length,
    });
    expect(files.reduce((sum, { head }) => sum + head.buffer.byteLength, 0)).toBeLessThan(1e6);
  });
});

describe('a bomb', () => {
  const zeros = Buffer.alloc(1 << 20);
  const half = { data: zeros.subarray(0, 1 << 19) };
  const zstZeros = Buffer.concat(Array.from({ length: 8 }, () => Buffer.from('28b52ffd003803001000', 'hex')));

  it.each([
    ['gzip', gzipSync(zeros)],
    ['zip', zipOf({ name: 'a.csv', data: zeros })],
    ['zip of many', zipOf({ name: 'a.csv', ...half }, { name: 'b.csv', ...half })],
    ['gzip in zip', zipOf({ name: 'a.gz', data: gzipSync(zeros) })],
    ['zstd', zstZeros],
  ])('of %s is stopped, and leaves nothing behind', async (_, bytes) => {
    const mostUnpacked = 1_000_000;
    const folder = folderOf({ bomb: bytes, 'e.csv': csv });
    expect(await folder.refusal('bomb', { mostUnpacked })).toMatch(
      /^bomb \(.*\) unpacks to more than 100 times its size, and more than 1\.0 MB → If it should/,
    );
    expect(Math.max(0, ...folder.sizesLeft())).toBeLessThan(600_000);
    // What is large, and does not grow much, is none; nor is what grows to little.
    await folderOf({ bomb: bytes }).open('bomb', { mostUnpacked: 2_000_000 });
    const noise = Buffer.from(Array.from({ length: 30_000 }, (_, at) => (at * at * 31) % 251));
    await folderOf({ 'e.gz': gzipSync(noise) }).open('e.gz', { mostUnpacked: 1000 });
  });

  it('or anything else stops when it is told to', async () => {
    const folder = folderOf({ 'e.zip': zipOf({ name: 'a.csv', data: zeros }) });
    const controller = new AbortController();
    controller.abort();
    expect(await failureOf(folder.open('e.zip', {}, controller.signal))).toMatchObject({
      code: 'interrupted',
    });
    expect(folder.sizesLeft()).toEqual([]);
  });
});
