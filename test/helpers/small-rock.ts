import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { inject } from 'vitest';
import { classicRock } from './trained-root.js';

const numSongs = 100;
/** Artists of whom tests name songs. */
const named = /^(?:eagles|fleetwood-mac|metallica|nirvana|pearl-jam|queen|rush|stone-temple-pilots)-/;

/**
 * A quarter of the bundled plays, for whoever needs them to be real and not to be many: three sessions of four, and the songs that are
 * played most or that tests name. Made once a run, so that fixtures of it are shared (prepared.ts).
 */
export const smallRock = made();

function made(): { readonly folder: string; readonly plays: string; readonly items: string } {
  const folder = join(inject('runDirectory'), 'small-rock');
  const paths = {
    folder,
    plays: join(folder, basename(classicRock.plays)),
    items: join(folder, basename(classicRock.items)),
  };
  if (existsSync(folder)) return paths;
  const [header, ...rows] = gunzipSync(readFileSync(classicRock.plays)).toString().trimEnd().split('\n');
  const plays = rows.map((row) => row.split(',') as [user: string, item: string, time: string]);
  const counts = new Map<string, number>();
  for (const [, item] of plays) counts.set(item, (counts.get(item) ?? 0) + 1);
  const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, numSongs);
  const songs = new Set([
    ...most.map(([item]) => item),
    ...[...counts.keys()].filter((id) => named.test(id)),
  ]);
  const users = new Set([...new Set(plays.map(([user]) => user))].filter((_, at) => at % 4 !== 3));
  for (const user of ['KGLK/2014-06-16', 'WXGL/2014-06-16', 'KGLK/2014-06-17']) users.add(user);
  const kept = plays.filter(([user, item]) => users.has(user) && songs.has(item));
  const [names, ...items] = readFileSync(classicRock.items, 'utf8').trimEnd().split('\n');

  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  const write = (path: string, lines: readonly (string | undefined)[]): void => {
    const text = `${lines.join('\n')}\n`;
    writeFileSync(join(draft, basename(path)), path.endsWith('.gz') ? gzipSync(text) : text);
  };
  write(paths.plays, [header, ...kept.map((row) => row.join(','))]);
  const isKept = (row: string): boolean => songs.has(row.slice(0, row.indexOf(',')));
  write(paths.items, [names, ...items.filter(isKept)]);
  copyFileSync(classicRock.feedback, join(draft, basename(classicRock.feedback)));
  try {
    renameSync(draft, folder);
  } catch (error) {
    // Another worker was first.
    if (!existsSync(folder)) throw error;
    rmSync(draft, { recursive: true });
  }
  return paths;
}
