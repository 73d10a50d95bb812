import { join } from 'node:path';
import { seededRandom } from '#dist/core/numeric/random.js';
import { prepare } from './prepared.js';
import { makeFolder, type Folder } from './trained-root.js';

export const numItems = 60;
export const idOf = (i: number): string => `song-${i}`;

export interface ReaderRoot {
  readonly folder: Folder;
  readonly root: string;
  /** The snapshot that is published, of 8 factors; and one of 6. */
  readonly first: string;
  readonly second: string;
}

/** Two trainings on plays, dislikes and a catalogue of artists, albums and years. The folder is the caller's to remove. */
export async function makeReaderRoot(): Promise<ReaderRoot> {
  const folder = makeFolder();
  const root = join(folder.path, 'root');
  const random = seededRandom(5);
  const items = Array.from(
    { length: numItems },
    (_, i) => `${idOf(i)},Title ${i},Artist ${i % 9},Album ${i % 14},${1970 + (i % 30)}`,
  );
  const plays = ['user,item,weight,type,time'];
  for (let u = 0; u < 80; u++)
    for (let i = 0; i < numItems; i++)
      if (random.nextFraction() < (u % 5 === i % 5 ? 0.5 : 0.1)) {
        const type = random.nextFraction() < 0.05 ? 'dislike' : 'play';
        const day = String(1 + random.nextBelow(28)).padStart(2, '0');
        plays.push(`user-${u},${idOf(i)},${1 + random.nextBelow(5)},${type},2014-06-${day}T00:00:00Z`);
      }
  const catalogue = ['id,name,artist,album,released', ...items, 'silent,Silent,Nobody,None,1950'];
  const train = ['train', 'plays.csv', '--items', 'items.csv', '--epochs', '3', '--threads', '1'];
  const steps = [[...train, '--factors', '8'], ['publish'], [...train, '--factors', '6']];
  const [first, , second] = await prepare(folder, steps, {
    'items.csv': `${catalogue.join('\n')}\n`,
    'plays.csv': `${plays.join('\n')}\n`,
  });
  return { folder, root, first: String(first![0]!['snapshot']), second: String(second![0]!['snapshot']) };
}
