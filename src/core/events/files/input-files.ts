/**
 * From what the user named to files that can be read twice: globs and folders are expanded, stdin and pipes are spooled,
 * gzip, zstd and zip are unpacked (and so checked to their end, which DuckDB does not do), and every file gets a plain
 * name in the scratch directory, so that no path ever reaches DuckDB, which would take `[`, `*` or `http://` in it for
 * more than a name.
 */
import { createReadStream, existsSync } from 'node:fs';
import { rm, stat, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError, abortError, errnoOf } from '../../errors.js';
import { count } from '../../number-text.js';
import { fileWord, shellWord } from '../../shell-word.js';
import { unreadable } from '../../files/text-lines.js';
import {
  progress,
  tally,
  unpack,
  writeScratch,
  type SpooledFile,
  type UnpackingContext,
} from './archives.js';
import { byBytes, filesInFolder, isNoData, partitionsOf, type FoundFile } from './folders.js';
import { expandGlob, isGlob } from './glob.js';
import { readHead, type InputFile, type ReadingContext } from './input-file.js';
import { filesOfTable, isParquet, tableAround } from './table-folders.js';
import { asUtf8, findEncoding } from './text-encoding.js';

export interface InputOptions {
  /** Where `-` reads from; default: the process's stdin. */
  readonly stdin?: Readable | undefined;
  /** What text is written in (text-encoding.ts); default UTF-8. */
  readonly encoding?: string | undefined;
  /** What something small may unpack to, in bytes; default 1 GB. */
  readonly mostUnpacked?: number | undefined;
}

/**
 * Opens every file that `names` names, in their order; those of a glob, a folder or an archive by the bytes of their paths.
 * What of them is no data is left out, with a warning. Throws AppError 'bad-input-file' for what is missing, not readable,
 * damaged, without data or a URL, and 'bad-usage' for a file that is named twice and an unknown encoding.
 */
export async function openInputFiles(
  names: readonly string[],
  scratch: string,
  context: ReadingContext,
  options: InputOptions = {},
): Promise<InputFile[]> {
  const encoding = await findEncoding(options.encoding);
  const inputs: InputFile[] = [];
  const seen = new Map<string, string>();
  for (const name of names) {
    const before = inputs.length;
    const leftOut: string[] = [];
    const unpacking = { ...context, leftOut, mostUnpacked: options.mostUnpacked };
    for (const found of await findFiles(name, unpacking)) {
      if (context.signal.aborted) throw abortError(context.signal);
      const identity = found.stats === undefined ? '-' : `${found.stats.dev}:${found.stats.ino}`;
      const other = seen.get(identity);
      if (other !== undefined) {
        throw new AppError('bad-usage', `${found.name} is given twice: its events would count twice`, {
          details: { file: found.name, also: other },
        });
      }
      seen.set(identity, found.name);
      const pathOf = (index: number): string => join(scratch, `input-${inputs.length + index}`);
      for (const opened of await openInput(found, pathOf, unpacking, options)) {
        const partitions = partitionsOf(opened.name);
        const input = partitions === undefined ? opened : { ...opened, partitions };
        inputs.push(encoding === undefined ? input : await asUtf8(input, encoding, context));
      }
    }
    if (inputs.length === before) {
      const but = leftOut.length === 0 ? '' : `; no data: ${firstOf(leftOut)}`;
      throw new AppError('bad-input-file', `${name} holds no file of data${but}`, {
        suggestions: [
          'CSV, TSV, JSON, Parquet, Arrow and DuckDB files are read, also in .gz, .zst and .zip.',
        ],
        details: { file: name, leftOut: leftOut.slice(0, 100) },
      });
    }
    warn(context, `left out of ${name}, as no data`, leftOut);
  }
  return inputs;
}

/** What gets a file from there; of stores that curl does not know by the store's own program, or by Spark. */
function fetching(url: string): string[] {
  const [scheme = '', place = ''] = url.split(/:(.*)/s);
  if (/^(?:https?|ftps?)$/i.test(scheme))
    return [`Fetch it first, or pipe it in: curl -sSL ${shellWord(url)} | segue … -`];
  const name = scheme.toLowerCase().replace(/^s3[an]$/, 's3');
  const program = fetchers.get(name);
  const bySpark = shellWord(`${name === 's3' ? 's3a' : scheme}:${place}`);
  return [
    program === undefined
      ? 'Fetch it first'
      : `Fetch it first: ${program} ${shellWord(`${name}:${place}`)} .`,
    `Or have Spark read events there, in train and user-vector: ${bySpark} with \`engine\` spark`,
  ];
}

const fetchers: ReadonlyMap<string, string> = new Map([
  ['s3', 'aws s3 cp'],
  ['gs', 'gcloud storage cp'],
  ['hdfs', 'hdfs dfs -get'],
]);

/** Of one name, which may be a glob or a folder. */
async function findFiles(name: string, context: UnpackingContext): Promise<readonly FoundFile[]> {
  if (name === '-') return [{ name: 'standard input', stats: undefined }];
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) {
    throw new AppError('bad-input-file', `${name} is a URL; only local files are read`, {
      suggestions: fetching(name),
      details: { file: name },
    });
  }
  const stats = await stat(name).catch((error: unknown) => {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' && isGlob(name)) return undefined;
    const packed = errno === 'ENOENT' ? ['.gz', '.zst', '.zip'].map((ending) => name + ending) : [];
    const meant = packed.filter((each) => existsSync(each)).map((each) => `did you mean ${fileWord(each)}?`);
    throw unreadable(name, name, error, meant);
  });
  if (stats?.isDirectory() === true) return await openFolder(name, context);
  if (stats !== undefined) return [{ name, stats }];
  const matches = await expandGlob(name);
  if (matches.length === 0) {
    throw new AppError('bad-input-file', `no file matches ${name}`, { details: { file: name } });
  }
  const found = await Promise.all(matches.map(async (match) => ({ name: match, stats: await stat(match) })));
  const files = found.filter((each) => !each.stats.isDirectory());
  if (files.length > 0) return files;
  const folders: FoundFile[] = [];
  for (const match of matches) folders.push(...(await openFolder(match, context)));
  return folders;
}

async function openFolder(name: string, context: UnpackingContext): Promise<readonly FoundFile[]> {
  const table = tableAround(name);
  if (table !== undefined) throw filesOfTable(name, table);
  const { files, links, again, leftOut } = await filesInFolder(name);
  context.leftOut.push(...leftOut);
  warn(context, 'links to folders are not followed', links);
  warn(context, 'read once, as these are the same files under other names', again);
  return files;
}

function warn({ onProgress }: ReadingContext, what: string, names: readonly string[]): void {
  if (names.length > 0) onProgress({ kind: 'warning', message: `${what}: ${firstOf(names)}` });
}

/** Ten of them. */
function firstOf(names: readonly string[]): string {
  const more = names.length > 10 ? ` and ${count(names.length - 10)} more` : '';
  const first = byBytes(names, (name) => name).slice(0, 10);
  return `${first.join(', ')}${more}`;
}

async function openInput(
  { name, stats, inFolder }: FoundFile,
  pathOf: (index: number) => string,
  context: UnpackingContext,
  options: InputOptions,
): Promise<InputFile[]> {
  const path = pathOf(0);
  let from = name;
  if (stats?.isFile() !== true) {
    // Pipes and devices can be read once only.
    from = `${path}-spooled`;
    const stream = stats === undefined ? (options.stdin ?? process.stdin) : createReadStream(name);
    const tell = progress(`reading ${name}`, undefined, context);
    const told = tally(({ length }) => {
      tell(length);
    });
    await writeScratch([stream, told], from, `copy ${name} to a temporary file`, context);
  }
  const head = await readHead(name, from);
  const before = context.leftOut.length;
  const files = await unpack({ name, path: from, head }, pathOf, context);
  if (files !== undefined && from !== name) await rm(from);
  if (files?.length === 0 && context.leftOut.length === before) context.leftOut.push(name);
  const spooled = files ?? (from === name ? undefined : [{ name, path: from, gzip: false, head }]);
  if (spooled !== undefined) return await Promise.all(spooled.map(inputOf));
  if (inFolder === true && isNoData(name, head)) {
    context.leftOut.push(name);
    return [];
  }
  const table = isParquet(head) ? tableAround(name) : undefined;
  if (table !== undefined) throw filesOfTable(name, table);
  await symlink(resolve(name), path);
  return [
    {
      ...{ name, path, gzip: false, bytes: stats?.size ?? 0, head },
      async checkUnchanged() {
        const now = await stat(name).catch(() => undefined);
        if (now?.size === stats?.size && now?.mtimeMs === stats?.mtimeMs && now?.ino === stats?.ino) return;
        throw new AppError('bad-input-file', `${name} changed while it was being read`, {
          suggestions: ['Try again when no process writes to it, or read a copy.'],
          details: { file: name },
        });
      },
    },
  ];
}

async function inputOf(file: SpooledFile): Promise<InputFile> {
  const { size } = await stat(file.path);
  return { ...file, bytes: size, checkUnchanged: () => Promise.resolve() };
}
