/**
 * The map of a snapshot's items, kept beside the snapshots as stamps are: whoever made it once spares everyone else the time.
 * It can be made again, and shows whether it is whole, so nothing is lost where it is damaged or cannot be written.
 */
import { fstatSync, readFileSync, unlinkSync } from 'node:fs';
import { unlessRefused } from '../errors.js';
import { makeOwnDirectory, replaceFile } from '../files/durable-write.js';
import { readIfWhole } from '../files/safe-open.js';
import { sha256Hex } from '../files/sha256.js';
import { rootPath } from './layout.js';

const digestBytes = 32;
/** 200 million items, more than a snapshot holds. */
const mostBytes = 1.2 * 2 ** 30;

/** What `keepMap` was given; undefined where nothing is kept, or not all of it. */
export function readKeptMap(root: string, id: string): Uint8Array | undefined {
  return readIfWhole(rootPath.map(root, id), (fd) => {
    if (fstatSync(fd).size > mostBytes) return undefined;
    const file = readFileSync(fd);
    const bytes = file.subarray(0, Math.max(0, file.length - digestBytes));
    return sha256Hex(bytes) === file.subarray(bytes.length).toString('hex') ? bytes : undefined;
  });
}

/** Where the root cannot be written (read-only media, a full disk) nothing is kept. */
export function keepMap(root: string, id: string, bytes: Uint8Array): void {
  const file = Buffer.concat([bytes, Buffer.from(sha256Hex(bytes), 'hex')]);
  unlessRefused(() => {
    makeOwnDirectory(rootPath.maps(root));
    replaceFile(rootPath.map(root, id), file);
  });
}

/** One that stays is removed by whoever collects next. */
export function removeKeptMap(root: string, id: string): void {
  unlessRefused(() => unlinkSync(rootPath.map(root, id)));
}
