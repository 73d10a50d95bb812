/**
 * From what the user named to files that can be read twice: globs are expanded, stdin and pipes are spooled, gzip is
 * unpacked (and so checked to its end, which DuckDB does not do), and every file gets a plain name in the scratch directory, so that no path ever
 * reaches DuckDB, which would take `[`, `*` or `http://` in it for more than a name.
 */
import { createReadStream, createWriteStream, existsSync, type Stats } from 'node:fs';
import { readdir, stat, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError, abortError, errnoOf } from '../../errors.js';
import { fileWord, shellWord } from '../../shell-word.js';
import { unreadable } from '../../files/text-lines.js';
import { expandGlob, isGlob } from './glob.js';
import { readHead, type InputFile, type ReadingContext } from './input-file.js';
import { filesOfTable, isParquet, tableAround } from './table-folders.js';
import { scratchError } from './scratch-directory.js';
import { asUtf8, findEncoding } from './text-encoding.js';

export interface InputOptions {
  /** Where `-` reads from; default: the process's stdin. */
  readonly stdin?: Readable | undefined;
  /** What text is written in (text-encoding.ts); default UTF-8. */
  readonly encoding?: string | undefined;
}

/**
 * Opens every file that `names` names, in their order, globs sorted by bytes. Throws AppError 'bad-input-file' for what
 * is missing, not readable, a directory or a URL, and 'bad-usage' for a file that is named twice and an unknown encoding.
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
  for (const found of await findFiles(names)) {
    if (context.signal.aborted) throw abortError(context.signal);
    const identity = found.stats === undefined ? '-' : `${found.stats.dev}:${found.stats.ino}`;
    const other = seen.get(identity);
    if (other !== undefined) {
      throw new AppError('bad-usage', `${found.name} is given twice: its events would count twice`, {
        details: { file: found.name, also: other },
      });
    }
    seen.set(identity, found.name);
    const path = join(scratch, `input-${inputs.length}`);
    const input = await openInput(found, path, context, options);
    inputs.push(encoding === undefined ? input : await asUtf8(input, encoding, context));
  }
  return inputs;
}

interface FoundFile {
  readonly name: string;
  /** undefined for stdin. */
  readonly stats: Stats | undefined;
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

async function findFiles(names: readonly string[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const name of names) {
    if (name === '-') {
      found.push({ name: 'standard input', stats: undefined });
      continue;
    }
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) {
      throw new AppError('bad-input-file', `${name} is a URL; only local files are read`, {
        suggestions: fetching(name),
        details: { file: name },
      });
    }
    try {
      found.push({ name, stats: await stat(name) });
      continue;
    } catch (error) {
      const errno = errnoOf(error);
      if (!(errno === 'ENOENT' && isGlob(name))) {
        const packed = `${name}.gz`;
        const meant = errno === 'ENOENT' && existsSync(packed) ? [`did you mean ${fileWord(packed)}?`] : [];
        throw unreadable(name, name, error, meant);
      }
    }
    const matches = await expandGlob(name);
    if (matches.length === 0) {
      throw new AppError('bad-input-file', `no file matches ${name}`, { details: { file: name } });
    }
    for (const match of matches) found.push({ name: match, stats: await stat(match) });
  }
  return found;
}

/** That of the first file of a directory, such as .txt.gz; .csv where it has none. */
async function commonEnding(directory: string): Promise<string> {
  const names = await readdir(directory).catch(() => []);
  const [ending] = names.toSorted().flatMap((name) => /[^.](\.[a-z0-9]+(?:\.gz)?)$/i.exec(name)?.[1] ?? []);
  return ending ?? '.csv';
}

async function openInput(
  { name, stats }: FoundFile,
  path: string,
  context: ReadingContext,
  options: InputOptions,
): Promise<InputFile> {
  if (stats?.isDirectory() === true) {
    const table = tableAround(name);
    if (table !== undefined) throw filesOfTable(name, table);
    throw new AppError('bad-input-file', `${name} is a directory; files are wanted`, {
      suggestions: [
        `Name its files, such as ${fileWord(`${name.replace(/\/+$/, '')}/*${await commonEnding(name)}`)}`,
      ],
      details: { file: name },
    });
  }
  if (stats?.isFile() !== true) {
    // Pipes and devices can be read once only.
    const stream = stats === undefined ? (options.stdin ?? process.stdin) : createReadStream(name);
    await spool(name, stream, path, context);
    const head = await readHead(name, path);
    if (!isGzip(head)) return spooled(name, path, false, head);
    const unpacked = `${path}-unpacked`;
    await unpack(name, path, unpacked, context);
    return spooled(name, unpacked, true, await readHead(name, unpacked));
  }
  const head = await readHead(name, name);
  if (isGzip(head)) {
    await unpack(name, name, path, context);
    return spooled(name, path, true, await readHead(name, path));
  }
  const table = isParquet(head) ? tableAround(name) : undefined;
  if (table !== undefined) throw filesOfTable(name, table);
  await symlink(resolve(name), path);
  return {
    name,
    path,
    gzip: false,
    bytes: stats.size,
    head,
    async checkUnchanged() {
      const now = await stat(name).catch(() => undefined);
      if (now?.size === stats.size && now.mtimeMs === stats.mtimeMs && now.ino === stats.ino) return;
      throw new AppError('bad-input-file', `${name} changed while it was being read`, {
        suggestions: ['Try again when no process writes to it, or read a copy.'],
        details: { file: name },
      });
    },
  };
}

async function spooled(name: string, path: string, gzip: boolean, head: Buffer): Promise<InputFile> {
  const { size } = await stat(path);
  return { name, path, gzip, bytes: size, head, checkUnchanged: () => Promise.resolve() };
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

async function spool(name: string, from: Readable, to: string, context: ReadingContext): Promise<void> {
  try {
    const count = counter(`reading ${name}`, undefined, context);
    await pipeline(from, count, createWriteStream(to, { flags: 'wx', mode: 0o600 }), {
      signal: context.signal,
    });
  } catch (error) {
    if (context.signal.aborted) throw abortError(context.signal);
    throw scratchError(error, `copy ${name} to a temporary file`);
  }
}

async function unpack(name: string, from: string, to: string, context: ReadingContext): Promise<void> {
  const { size } = await stat(from);
  const count = counter(`unpacking ${name}`, size, context);
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  try {
    await pipeline(
      createReadStream(from, { highWaterMark: 1 << 18 }),
      count,
      gunzip,
      createWriteStream(to, { flags: 'wx', mode: 0o600, highWaterMark: 1 << 20 }),
      { signal: context.signal },
    );
  } catch (error) {
    if (context.signal.aborted) throw abortError(context.signal);
    if (errnoOf(error)?.startsWith('Z_') === true) {
      throw new AppError('bad-input-file', `${name} is damaged: its gzip data is truncated or corrupt`, {
        suggestions: [`Check it with: gzip -t ${fileWord(name)}`],
        details: { file: name },
        cause: error,
      });
    }
    throw scratchError(error, `unpack ${name} to a temporary file`);
  }
  // Anything but zeros after the last member is an error above.
  const zeros = size - gunzip.bytesWritten;
  if (zeros > 0) {
    const message = `${name} ends in ${String(zeros)} zero bytes after its gzip data; is it complete?`;
    context.onProgress({ kind: 'warning', message });
  }
}

/** Passes bytes on and tells how many went by. */
function counter(phase: string, total: number | undefined, { onProgress }: ReadingContext): Transform {
  let done = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      done += chunk.length;
      onProgress({ kind: 'step', phase, done, total, unit: 'bytes' });
      callback(null, chunk);
    },
  });
}
