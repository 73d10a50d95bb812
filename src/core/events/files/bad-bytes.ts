/** Bytes that are not UTF-8, for a message. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { abortError, machineError } from '../../errors.js';
import type { InputFile } from './input-file.js';

/** Characters of context before the first bad byte, and after it. */
const before = 20;
const after = 10;

/** Around the first byte that is no UTF-8, text as it is and such bytes as `\xe9`: `Beyonc\xe9 – Halo`. */
export function badBytesShown(bytes: Buffer): string {
  const parts: string[] = [];
  let first: number | undefined;
  for (let at = 0; at < bytes.length && (first === undefined || parts.length <= first + after);) {
    const length = characterBytes(bytes, at);
    if (length === 0) first ??= parts.length;
    parts.push(length === 0 ? `\\x${bytes[at]!.toString(16)}` : bytes.toString('utf8', at, at + length));
    at += Math.max(1, length);
    // Of a long line only what stands near is kept.
    if (first === undefined && parts.length > 2 * before) parts.splice(0, before);
  }
  const from = Math.max(0, (first ?? 0) - before);
  return parts.slice(from).join('');
}

/** Bytes of the character at `at`; 0 where there is none. */
function characterBytes(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

/** Whether a file is UTF-8 throughout. AppErrors of the machine, or how the signal aborted. */
export async function isUtf8File({ name, path }: InputFile, signal: AbortSignal): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      if (signal.aborted) throw abortError(signal);
      decoder.decode(chunk as Buffer, { stream: true });
    }
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw machineError(error, `read ${name}`);
  }
  return true;
}
