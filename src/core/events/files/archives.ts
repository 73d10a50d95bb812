/**
 * What is packed by gzip, zstd or zip, as its first bytes say → files in the scratch directory, each checked to its end
 * (but for zstd's sums). What unpacks to too much is stopped on its way, whatever sizes it states.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Duplex, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { AppError, abortError, errnoOf } from '../../errors.js';
import { byteSize } from '../../number-text.js';
import { fileWord, shellWord } from '../../shell-word.js';
import { byBytes, isNoData, isSkipped } from './folders.js';
import { foreignFile, plainZip } from './foreign-files.js';
import { readHead, type ReadingContext } from './input-file.js';
import { scratchError } from './scratch-directory.js';
import { filesOfTable, tableAmong } from './table-folders.js';

export interface UnpackingContext extends ReadingContext {
  /** What something small may unpack to, in bytes; default 1 GB. */
  readonly mostUnpacked?: number | undefined;
  /** Gets the names of files that are no data. */
  readonly leftOut: string[];
}

interface Packed {
  readonly name: string;
  readonly path: string;
  readonly head: Buffer;
}

/** A file in the scratch directory. */
export interface SpooledFile extends Packed {
  readonly gzip: boolean;
}

type Grow = (bytes: number) => void;

/** What unpacks to more than this many times its size, and is large, is a bomb. */
const mostRatio = 100;
const pieceBytes = 1 << 18;

/**
 * What a packed file holds, each in a file whose path begins with what `to` gives for its index: itself, or the data files
 * of a zip archive, by the bytes of their names. undefined where it is not packed. AppErrors: 'bad-input-file' for what is damaged, encrypted, a bomb, or
 * has a name that leads elsewhere; those of the scratch directory.
 */
export async function unpack(
  file: Packed,
  to: (index: number) => string,
  context: UnpackingContext,
): Promise<SpooledFile[] | undefined> {
  const kind = packingOf(file.head);
  const isZip = foreignFile(file.head) === plainZip;
  if (kind === undefined && !isZip) return undefined;
  const { size } = await stat(file.path);
  const grow = growth(file.name, size, context.mostUnpacked ?? 1e9);
  if (kind === undefined) return await unzip(file, to, grow, context);
  return [await unpackStream(file, kind, to(0), `${kind} -t ${fileWord(file.name)}`, grow, context)];
}

/** Adds up what `name` unpacks to. */
function growth(name: string, size: number, most: number): Grow {
  let unpacked = 0;
  return (bytes) => {
    unpacked += bytes;
    if (unpacked <= most || unpacked <= mostRatio * size) return;
    throw new AppError(
      'bad-input-file',
      `${name} (${byteSize(size)}) unpacks to more than ${mostRatio} times its size, and more than ${byteSize(most)}`,
      {
        suggestions: ['If it should hold as much, unpack it yourself, and name what was in it.'],
        details: { file: name, bytes: size, mostRatio, mostBytes: most },
      },
    );
  };
}

function packingOf(head: Buffer): 'gzip' | 'zstd' | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const magic = head.length < 4 ? 0 : head.readUInt32LE();
  // pzstd begins with a frame that is skipped.
  return magic === 0xfd2fb528 || (magic & ~0xf) === 0x184d2a50 ? 'zstd' : undefined;
}

async function unpackStream(
  { name, path }: Packed,
  kind: 'gzip' | 'zstd',
  to: string,
  check: string,
  grow: Grow,
  context: ReadingContext,
): Promise<SpooledFile> {
  const { size } = await stat(path);
  const tell = progress(`unpacking ${name}`, size, context);
  const gunzip = createGunzip({ chunkSize: pieceBytes });
  const stages = [
    createReadStream(path, { highWaterMark: pieceBytes }),
    tally(({ length }) => {
      tell(length);
    }),
    kind === 'gzip' ? gunzip : Duplex.from(unzstd),
    tally(({ length }) => {
      grow(length);
    }),
  ];
  await writeScratch(stages, to, `unpack ${name} to a temporary file`, context, (error) =>
    damaged(name, kind, check, error),
  );
  // Anything but zeros after the last member is an error above.
  const zeros = kind === 'gzip' ? size - gunzip.bytesWritten : 0;
  if (zeros > 0) {
    const message = `${name} ends in ${String(zeros)} zero bytes after its gzip data; is it complete?`;
    context.onProgress({ kind: 'warning', message });
  }
  return { name, path: to, gzip: kind === 'gzip', head: await readHead(name, to) };
}

/** A piece of as many bytes unpacks to 30 MB at most. */
const zstdPieceBytes = 1 << 10;

async function* unzstd(source: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd');
  const blocks: Uint8Array[] = [];
  const decoder = new Decompress((block) => blocks.push(block));
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += zstdPieceBytes) {
      decoder.push(chunk.subarray(at, at + zstdPieceBytes));
      yield* blocks.splice(0);
    }
  }
  decoder.push(new Uint8Array(0), true);
  yield* blocks.splice(0);
}

interface NamedEntry {
  readonly own: string;
  readonly entry: Entry;
}

async function unzip(
  { name, path }: Packed,
  to: (index: number) => string,
  grow: Grow,
  context: UnpackingContext,
): Promise<SpooledFile[]> {
  const { openPromise } = await import('yauzl');
  const file = fileWord(name);
  const refuse = (error: unknown): never => {
    if (error instanceof AppError) throw error;
    if (isOfMachine(error)) throw scratchError(error, `unpack ${name}`);
    if (String(error).includes('encrypt'))
      throw unfit(name, 'is encrypted', `Unpack it first: unzip ${file}`);
    throw damaged(name, 'zip', `unzip -t ${file}`, error);
  };
  const zip = await openPromise(path, { autoClose: false, decodeStrings: false }).catch(refuse);
  try {
    const entries = await entriesOf(zip, name).catch(refuse);
    const table = tableAmong(entries.map(({ own }) => own));
    if (table !== undefined) throw filesOfTable(name, { kind: table, folder: name });
    const wanted = entries.filter(({ own, entry }) => {
      if (isSkipped(own) || own.endsWith('/') || entry.uncompressedSize === 0) return false;
      const isLink = entry.versionMadeBy >> 8 === 3 && entry.externalFileAttributes >>> 28 === 0xa;
      return !(isLink || isNoData(own)) || context.leftOut.push(`${name}/${own}`) < 0;
    });
    const total = wanted.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0);
    const tell = progress(`unpacking ${name}`, total, context);
    const files: SpooledFile[] = [];
    for (const { own, entry } of wanted) {
      const inner = { name: `${name}/${own}`, path: to(files.length) };
      if (!entry.canDecodeFileData())
        throw unfit(inner.name, 'is compressed in a way that is not read', `Unpack it first: unzip ${file}`);
      const damage = (error?: unknown): AppError => damaged(inner.name, 'zip', `unzip -t ${file}`, error);
      let sum = 0;
      const stages = [
        await zip.openReadStreamPromise(entry).catch(refuse),
        tally((chunk) => {
          grow(chunk.length);
          tell(chunk.length);
          sum = crc32(chunk, sum);
        }),
      ];
      await writeScratch(stages, inner.path, `unpack ${inner.name} to a temporary file`, context, damage);
      if (sum !== entry.crc32) throw damage();
      const head = await readHead(inner.name, inner.path);
      if (foreignFile(head) === plainZip) {
        const inside = `Unpack the outer one first: unzip ${file} ${shellWord(own)}`;
        throw unfit(inner.name, 'is a zip archive in a zip archive', inside);
      }
      const kind = packingOf(head);
      const check = `unzip -p ${file} ${shellWord(own)} | ${kind ?? ''} -t`;
      const unpacked =
        kind === undefined
          ? { ...inner, head, gzip: false }
          : await unpackStream({ ...inner, head }, kind, `${inner.path}-unpacked`, check, grow, context);
      if (kind !== undefined) await rm(inner.path);
      if (!isNoData(own, unpacked.head)) files.push(unpacked);
      else {
        context.leftOut.push(inner.name);
        await rm(unpacked.path);
      }
    }
    return files;
  } finally {
    zip.close();
  }
}

/** By the bytes of their names. AppError 'bad-input-file' for what nobody should unpack. */
async function entriesOf(zip: ZipFile, name: string): Promise<NamedEntry[]> {
  const { getFileNameLowLevel, validateFileName } = await import('yauzl');
  const byHand = `Unpack it yourself, and name what is wanted: unzip ${fileWord(name)} -d FOLDER`;
  const found = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    // Most programs write UTF-8, and many do not say so.
    const flags = isUtf8(entry.fileNameRaw) ? 0x800 : 0;
    const own = getFileNameLowLevel(flags, entry.fileNameRaw, entry.extraFields, true);
    const shown = JSON.stringify(own);
    if (validateFileName(own) !== null)
      throw unfit(name, `holds ${shown}, whose name leads elsewhere`, byHand);
    if (entry.isEncrypted()) throw unfit(name, `holds ${shown}, which is encrypted`, byHand);
    if (found.has(own)) throw unfit(name, `holds ${shown} twice`, byHand);
    found.set(own, entry);
  }
  let end = 0;
  for (const entry of [...found.values()].sort(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  )) {
    if (entry.relativeOffsetOfLocalHeader < end)
      throw unfit(name, 'holds entries that lie upon each other, as those of a bomb do', byHand);
    end = entry.relativeOffsetOfLocalHeader + localHeaderBytes + entry.fileNameLength + entry.compressedSize;
  }
  return byBytes([...found], ([own]) => own).map(([own, entry]) => ({ own, entry }));
}

/** Without the name. */
const localHeaderBytes = 30;

/** All that comes through `stages`, as a new file, which is removed where that fails. `damage`: where data is at fault. */
export async function writeScratch(
  stages: readonly (NodeJS.ReadableStream | NodeJS.ReadWriteStream)[],
  to: string,
  doing: string,
  { signal }: ReadingContext,
  damage: (cause: unknown) => AppError = (cause) => scratchError(cause, doing),
): Promise<void> {
  try {
    const file = createWriteStream(to, { flags: 'wx', mode: 0o600, highWaterMark: 1 << 20 });
    await pipeline([...stages, file], { signal });
  } catch (error) {
    await rm(to, { force: true });
    if (signal.aborted) throw abortError(signal);
    if (error instanceof AppError) throw error;
    throw isOfMachine(error) ? scratchError(error, doing) : damage(error);
  }
}

/** ENOSPC and the like; Z_DATA_ERROR and those of packages are of the data. */
function isOfMachine(error: unknown): boolean {
  return /^E[A-Z0-9]+$/.test(errnoOf(error) ?? '');
}

function damaged(name: string, kind: string, check: string, cause?: unknown): AppError {
  return unfit(
    name,
    `is damaged: its ${kind} data is truncated or corrupt`,
    `Check it with: ${check}`,
    cause,
  );
}

function unfit(name: string, problem: string, instead: string, cause?: unknown): AppError {
  const details = { file: name };
  return new AppError('bad-input-file', `${name} ${problem}`, { suggestions: [instead], details, cause });
}

/** Says how many bytes there are by now, of so many. */
export function progress(phase: string, total: number | undefined, { onProgress }: ReadingContext): Grow {
  let done = 0;
  return (bytes) => {
    done += bytes;
    onProgress({ kind: 'step', phase, done, total, unit: 'bytes' });
  };
}

/** Passes bytes on, and fails where `each` throws. */
export function tally(each: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      try {
        each(chunk);
        callback(null, chunk);
      } catch (error) {
        callback(error as Error);
      }
    },
  });
}
