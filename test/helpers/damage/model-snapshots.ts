/** A root with a small snapshot of every kind of model, made by the commands themselves. */
import { join } from 'node:path';
import { seededRandom } from '#dist/core/numeric/random.js';
import { prepare } from '../prepared.js';
import type { Folder } from '../trained-root.js';

export interface ModelSnapshots {
  readonly root: string;
  /** By what they are: the ids. `als` has an index; `other` is als of another seed. */
  readonly ids: Readonly<Record<'als' | 'other' | 'item2vec' | 'ease' | 'slim' | 'popularity', string>>;
  readonly events: string;
  readonly items: readonly string[];
  readonly users: readonly string[];
}

const numItems = 300;
const numUsers = 60;

/** Plays in order, with times, and a catalogue with an item that nobody played. */
export async function makeModelSnapshots(folder: Folder): Promise<ModelSnapshots> {
  const random = seededRandom(7);
  const items = Array.from({ length: numItems }, (_, i) => `song-${i}`);
  const users = Array.from({ length: numUsers }, (_, u) => `listener ${u}`);
  const rows = ['user,item,weight,time'];
  users.forEach((user, u) => {
    for (let play = 0; play < 40; play++) {
      // Neighbours in number are heard by the same people.
      const item = play < 5 ? u * 5 + play : (u * 5 + random.nextBelow(60)) % numItems;
      const time = new Date(Date.UTC(2024, 0, 1 + (u % 28), 1, play * 5)).toISOString();
      rows.push(`${user},song-${item},${1 + random.nextBelow(4)},${time}`);
    }
  });
  const catalogue = ['id,name,artist,year'].concat(
    [...items, 'never'].map((id, i) => `${id},Name of ${id},Artist ${i % 20},${1950 + (i % 70)}`),
  );
  const train = (model: string, ...more: string[]): string[] => [
    ...['train', 'events.csv', '--items', 'items.csv', '--model', model, '--threads', '1', ...more],
  ];
  const answers = await prepare(
    folder,
    [
      train('als', '--factors', '10', '--epochs', '2', '--seed', '43'),
      train('ease'),
      train('slim', '--neighbours', '20'),
      train('popularity'),
      train('item2vec', '--factors', '8', '--epochs', '1', '--min-item-users', '1'),
      train('als', '--factors', '10', '--epochs', '2'),
      ['build-index', '--threads', '1'],
    ],
    { 'events.csv': `${rows.join('\n')}\n`, 'items.csv': `${catalogue.join('\n')}\n` },
  );
  const made = answers.map(([answer]) => String(answer?.['snapshot']));
  const [other = '', ease = '', slim = '', popularity = '', item2vec = '', , als = ''] = made;
  await folder.segue(['publish', other, '--why', 'the first']);
  await folder.segue(['publish', als, '--why', 'the second']);
  const ids = { als, other, item2vec, ease, slim, popularity };
  return { root: join(folder.path, 'root'), ids, events: join(folder.path, 'events.csv'), items, users };
}
