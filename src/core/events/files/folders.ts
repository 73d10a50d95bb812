/** The data files of a folder, and what the folders in a path say of them. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Stats } from 'node:fs';
import { unreadable } from '../../files/text-lines.js';
import { foreignFile } from './foreign-files.js';

export interface FoundFile {
  readonly name: string;
  /** undefined for stdin. */
  readonly stats: Stats | undefined;
  /** Whether a folder was named, and not this file. */
  readonly inFolder?: boolean;
}

export interface FolderFiles {
  /** By the bytes of their paths. */
  readonly files: readonly FoundFile[];
  /** Links to folders, which are not followed. */
  readonly links: readonly string[];
  /** Further names of the same files. */
  readonly again: readonly string[];
  /** Pipes, devices, and what has the name of a document, an image or a program. */
  readonly leftOut: readonly string[];
}

/** All in it and below; empty files, hidden ones, and the marks and sums of Hadoop's writers are none. AppError 'bad-input-file'. */
export async function filesInFolder(folder: string): Promise<FolderFiles> {
  const found: FoundFile[] = [];
  const [links, again, leftOut]: [string[], string[], string[]] = [[], [], []];
  const walk = async (directory: string): Promise<void> => {
    const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(directory, directory, error);
    });
    for (const entry of entries) {
      const name = join(directory, entry.name);
      if (isSkipped(entry.name)) continue;
      if (entry.isDirectory()) {
        await walk(name);
        continue;
      }
      const stats = await stat(name).catch((error: unknown) => {
        throw unreadable(name, name, error);
      });
      if (stats.isDirectory()) links.push(name);
      else if (!stats.isFile() || isNoData(name)) leftOut.push(name);
      else if (stats.size > 0) found.push({ name, stats, inFolder: true });
    }
  };
  await walk(folder);
  const seen = new Set<string>();
  const files = byBytes(found, ({ name }) => name).filter(({ name, stats }) => {
    const identity = `${stats?.dev}:${stats?.ino}`;
    const isNew = !seen.has(identity);
    if (!isNew) again.push(name);
    seen.add(identity);
    return isNew;
  });
  return { files, links, again, leftOut };
}

export function byBytes<T>(all: readonly T[], name: (each: T) => string): T[] {
  return [...all].sort((a, b) => Buffer.compare(Buffer.from(name(a)), Buffer.from(name(b))));
}

/** Whether a path in a folder or archive is hidden, or of Hadoop's writers: but `_day=1` is a partition. */
export function isSkipped(path: string): boolean {
  return path.endsWith('.crc') || path.split('/').some((part) => /^(?:\.|_(?!.*=))/.test(part));
}

const otherNames =
  /^(?:readme|licen[cs]e|copying|notice|changelog|citation)(?:[-_ ][^.]*)?(?:\.(?:txt|rst|cff|bib))?$|^(?:thumbs\.db|desktop\.ini)$|\.(?:md|pdf|rtf|docx?|odt|pptx?|xlsx?|ods|html?|xml|ya?ml|png|jpe?g|gif|webp|svg|ico|bmp|tiff?|mp[34]|m4a|flac|ogg|wav|py|ipynb|sh)$/i;

/** Whether it is surely no table of anything. What would have to be unpacked by hand is no such thing, so that it is refused. */
export function isNoData(name: string, head?: Buffer): boolean {
  const foreign = head && foreignFile(head);
  return otherNames.test(basename(name)) || (foreign !== undefined && !foreign.instead.startsWith('Unpack'));
}

/** Of `key=value` folders in a path, as Hive and Spark write them: columns of every row of the file. undefined without one. */
export function partitionsOf(name: string): Readonly<Record<string, string>> | undefined {
  const parts = name
    .split('/')
    .slice(0, -1)
    .flatMap((part) => {
      const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(part) ?? [];
      const cell = value === '__HIVE_DEFAULT_PARTITION__' ? '' : decoded(value);
      return key === '' ? [] : [[decoded(key), cell] as const];
    });
  return parts.length === 0 ? undefined : Object.fromEntries(parts);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
