/**
 * Text in other encodings than UTF-8, by iconv-lite, which is loaded only where one is named: such a file is read once and
 * copied as UTF-8, piece by piece, and all reading goes on from the copy. What the encoding has no character for becomes the
 * byte FF in the copy, which is no UTF-8: the row is bad then, and can be skipped, as one of a UTF-8 file is.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat, unlink } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { distance } from 'fastest-levenshtein';
import { AppError, abortError } from '../../errors.js';
import { foreignFile, wideText } from './foreign-files.js';
import { readHead, type InputFile, type ReadingContext } from './input-file.js';
import { scratchError } from './scratch-directory.js';

export interface TextEncoding {
  /** As it was asked for. */
  readonly name: string;
  /** UTF-16 or UTF-32: it may begin with a byte order mark, and every character there is can be meant. */
  readonly wide: boolean;
  decoder(): { write(bytes: Buffer): string; end(): string | undefined };
}

/** Names that are offered for one that is not known. The library knows more, each under several names. */
const commonNames =
  'latin1 windows-1252 macintosh utf-8 utf-16 utf-16le utf-16be utf-32 utf-32le utf-32be shift_jis euc-jp gbk gb18030 ' +
  'gb2312 big5 euc-kr koi8-r koi8-u tis-620 ascii cp437 cp850 cp852 cp866 iso-8859-1 iso-8859-2 iso-8859-5 iso-8859-7 ' +
  'iso-8859-8 iso-8859-9 iso-8859-15 windows-1250 windows-1251 windows-1253 windows-1254 windows-1255 windows-1256 ' +
  'windows-1257 windows-1258';
/** What iconv-lite decodes as well, and is no way to write text. */
const notText = new Set(['base64', 'hex']);

/** undefined for UTF-8, which needs no copy. AppError 'bad-usage' for a name that is not known, with those that are near. */
export async function findEncoding(name: string | undefined): Promise<TextEncoding | undefined> {
  if (name === undefined) return undefined;
  const plain = bareName(name);
  if (plain === 'utf8') return undefined;
  const { default: iconv } = await import('iconv-lite');
  if (plain === '' || notText.has(plain) || !iconv.encodingExists(name)) throw unknownEncoding(name);
  return { name, wide: /^(?:utf16|utf32|ucs2|ucs4)/.test(plain), decoder: () => iconv.getDecoder(plain) };
}

function bareName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function unknownEncoding(name: string): AppError {
  const plain = bareName(name).slice(0, 40);
  const near = commonNames
    .split(' ')
    .map((known) => ({ known, edits: distance(bareName(known), plain) }))
    .filter(({ known, edits }) => edits <= Math.max(1, Math.min(known.length, plain.length) / 3))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3);
  const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
  return new AppError('bad-usage', `\`encoding\` ${shown} is not a known encoding`, {
    suggestions: [
      ...(near.length === 0 ? [] : [`Did you mean ${near.map(({ known }) => known).join(', or ')}?`]),
      'Known are latin1, windows-1252, macintosh, utf-16, shift_jis, gbk, big5, euc-kr, koi8-r and many more.',
    ],
    details: { encoding: name.slice(0, 200), near: near.map(({ known }) => known) },
  });
}

/**
 * The same file where it is Parquet, not text, or says by its byte order mark that it is in another encoding;
 * else a copy in UTF-8 beside it, which takes the place of a copy that was there already. Memory: a few pieces of 256 KiB.
 */
export async function asUtf8(
  file: InputFile,
  encoding: TextEncoding,
  context: ReadingContext,
): Promise<InputFile> {
  const { name, head } = file;
  if (!isText(head) || hasOtherMark(head, encoding)) return file;
  if (encoding.wide && file.bytes % (/32|4/.test(bareName(encoding.name)) ? 4 : 2) !== 0) {
    throw new AppError(
      'bad-input-file',
      `${name} is not ${encoding.name} text: it ends in the middle of a character`,
      {
        details: { file: name, encoding: encoding.name, bytes: file.bytes },
      },
    );
  }
  if (!encoding.wide && isPlainUtf8(head)) {
    const message = `${name} looks like UTF-8, and is read as ${encoding.name}, as \`encoding\` says`;
    context.onProgress({ kind: 'warning', message });
  }
  const path = `${file.path}-utf8`;
  try {
    await pipeline(
      createReadStream(file.path, { highWaterMark: 1 << 18 }),
      (source: AsyncIterable<Buffer>) => decoded(source, file, encoding, context),
      createWriteStream(path, { flags: 'wx', mode: 0o600, highWaterMark: 1 << 20 }),
      { signal: context.signal },
    );
    // Of a link to the user's own file this takes the link.
    await unlink(file.path);
  } catch (error) {
    if (context.signal.aborted) throw abortError(context.signal);
    throw scratchError(error, `copy ${name} to a temporary file`);
  }
  const { size } = await stat(path);
  return { ...file, path, bytes: size, head: await readHead(name, path), encoding: encoding.name };
}

function isText(head: Buffer): boolean {
  return foreignFile(head) === undefined && head.toString('latin1', 0, 4) !== 'PAR1';
}

function hasOtherMark(head: Buffer, { wide }: TextEncoding): boolean {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return true;
  return !wide && wideText(head) !== undefined;
}

/** Whether the first MiB is UTF-8 with more than ASCII in it, which text in other encodings hardly ever is. */
function isPlainUtf8(head: Buffer): boolean {
  const lastLine = head.lastIndexOf(10);
  const whole = lastLine < 0 ? head : head.subarray(0, lastLine);
  return whole.some((byte) => byte > 0x7f) && isUtf8(whole);
}

async function* decoded(
  source: AsyncIterable<Buffer>,
  { name, bytes }: InputFile,
  encoding: TextEncoding,
  { onProgress }: ReadingContext,
): AsyncGenerator<Buffer> {
  const decoder = encoding.decoder();
  // Half of a character of two UTF-16 units that the end of a piece has cut.
  let half = '';
  let done = 0;
  for await (const chunk of source) {
    const text = half + decoder.write(chunk);
    half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
    yield marked(text.slice(0, text.length - half.length), encoding);
    done += chunk.length;
    const phase = `reading ${name} as ${encoding.name}`;
    onProgress({ kind: 'step', phase, done, total: bytes, unit: 'bytes' });
  }
  yield marked(half + (decoder.end() ?? ''), encoding);
}

const noCharacter = Buffer.of(0xff);

/** As UTF-8, with the byte FF for what was no character: U+FFFD, or half of a pair in a wide encoding, which may hold U+FFFD. */
function marked(text: string, { wide }: TextEncoding): Buffer {
  const good = text.split(wide ? /\p{Surrogate}/u : '\ufffd');
  if (good.length === 1) return Buffer.from(text);
  return Buffer.concat(good.flatMap((part, at) => [...(at === 0 ? [] : [noCharacter]), Buffer.from(part)]));
}
