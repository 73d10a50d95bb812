import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCanaryHere } from '../../helpers/canary-here.js';
import { makeFolder, type Folder } from '../../helpers/trained-root.js';
import { words as typed } from '../../helpers/words.js';

useCanaryHere();

/** user, item, weight, day of January 2024, type. */
const events: [string, string, number, number, string][] = [
  ['ann', 'plush', 2, 1, 'play'],
  ['ann', 'plush', 1, 3, 'play'],
  ['ann', 'creep', 5, 2, 'play'],
  ['ann', 'zombie', 1, 4, 'dislike'],
  ['ann', 'hunger', 1, 5, 'ban'],
  ['andy', 'plush', 1, 6, 'play'],
  ['andy', 'zombie', 1, 6, 'play'],
  ['bob', 'plush', 1, 7, 'play'],
  ['bob', 'hunger', 1, 7, 'play'],
];
const names = [
  ['plush', 'Plush', 'Stone Temple Pilots', 1992],
  ['creep', 'Creep', 'Radiohead', 1992],
  ['zombie', 'Zombie', 'The Cranberries', 1994],
  ['hunger', 'Hunger Strike', 'Temple of the Dog', 1991],
  ['never', 'Never Played', 'Temple of the Dog', 1991],
];

let folder: Folder;
beforeAll(async () => {
  folder = makeFolder();
  const lines = events.map(([user, item, weight, day, type]) =>
    [user, item, weight, `2024-01-0${day}T00:00:00Z`, type].join(','),
  );
  writeFileSync(join(folder.path, 'e.csv'), `user,item,weight,time,type\n${lines.join('\n')}\n`);
  writeFileSync(
    join(folder.path, 'i.csv'),
    `id,name,artist,released\n${names.map((row) => row.join(',')).join('\n')}\n`,
  );
  await folder.segue(typed`train e.csv --items i.csv --factors 2 --epochs 1 --threads 1`);
});
afterAll(() => folder.remove());

describe('segue items', () => {
  it('with a verb before the words finds nothing, and names the command without it', async () => {
    const hint = async (...args: string[]): Promise<string> => (await folder.segue(args)).stdout;
    expect(await hint('items', 'search', 'hunger', 'strike')).toContain('→ segue items hunger strike');
    expect(await hint('items', 'list')).toMatch(/→ segue items$/m);
    expect(await hint('users', 'list')).toMatch(/→ segue users$/m);
    expect(await hint('items', 'nothing')).not.toContain('→');
    const { stderr } = await folder.segue(['similar', '--kind', 'album', 'x'], 2);
    expect(stderr).toContain('or --item-columns album=NAME says which it is');
  });

  it('is a command and a topic: -- ends the verbs', async () => {
    const { stdout } = await folder.segue(['items', '--', 'show']);
    expect(stdout).toContain('"show" in names and ids of 5 items');
  });
});

describe('segue users', () => {
  it('shows a history: what weighs most first, opinions, times', async () => {
    const [page] = await folder.json(['users', 'show', 'ann', '-k', '3']);
    expect(page).toMatchObject({ events: 5, of: 4, disliked: 1, banned: 1 });
    expect(page).toMatchObject({ firstAt: '2024-01-02T00:00:00.000Z', lastAt: '2024-01-05T00:00:00.000Z' });
    const items = page!['items'] as { id: string }[];
    expect(items).toHaveLength(3);
    expect(items[0]).toMatchObject({ id: 'creep', weight: 5, events: 1, opinion: 'seen' });
    expect(items[1]).toMatchObject({ id: 'plush', weight: 3, events: 2, last: '2024-01-03T00:00:00.000Z' });
    const { stdout } = await folder.segue(['users', 'show', 'ann']);
    expect(stdout).toMatch(/Zombie .* disliked/);
    expect(stdout).toMatch(/Hunger Strike .* banned/);
    await folder.segue(['users', 'show', 'an'], 3);
  });
});
