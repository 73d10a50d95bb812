/** Globs for file arguments that the shell did not expand: `*`, `?` and `[a-z]` within a name, `**` for any directories. */
import { readdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { byBytes } from './folders.js';

export function isGlob(path: string): boolean {
  return /[*?[]/.test(path);
}

/** The files and folders that match, by the bytes of their paths. Names that begin with a dot must be asked for. */
export async function expandGlob(pattern: string): Promise<string[]> {
  const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
  const matches = new Set<string>();
  await walk(isAbsolute(pattern) ? '/' : '', segments, matches);
  return byBytes([...matches], (path) => path);
}

async function walk(directory: string, segments: readonly string[], matches: Set<string>): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment !== '**' && !isGlob(segment) && rest.length > 0) {
    await walk(join(directory, segment), rest, matches);
    return;
  }
  const entries = await readdir(directory === '' ? '.' : directory, { withFileTypes: true }).catch(() => []);
  if (segment === '**') await walk(directory, rest.length === 0 ? ['*'] : rest, matches);
  const form = segmentForm(segment);
  for (const entry of entries) {
    const path = join(directory, entry.name);
    const visible = !entry.name.startsWith('.') || segment.startsWith('.');
    if (segment === '**') {
      if (entry.isDirectory() && visible) await walk(path, segments, matches);
    } else if (visible && form.test(entry.name)) {
      if (rest.length > 0) await walk(path, rest, matches);
      else matches.add(path);
    }
  }
}

function segmentForm(segment: string): RegExp {
  const source = segment.replace(
    /\[(!?)([^\]]+)\]|[\\^$.*+?()[\]{}|]/g,
    (special, not: string, set?: string) => {
      if (special === '*') return '.*';
      if (special === '?') return '.';
      if (set !== undefined) return `[${not === '' ? '' : '^'}${set.replace(/[\\\]^]/g, '\\$&')}]`;
      return `\\${special}`;
    },
  );
  return new RegExp(`^${source}$`, 'su');
}
