import { beforeAll, expect, it } from 'vitest';
import { tellOfIndexesElsewhere, tellWhatStays } from '#dist/core/snapshot/derived-snapshots.js';
import { tagSnapshot } from '#dist/core/snapshot/links.js';
import { buildIndex } from '#dist/core/tasks/build-index.js';
import { publish } from '#dist/core/tasks/publish.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, idB, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { randomRows } from '../../helpers/vectors.js';

const keptDirectory = temporaryDirectories('file');
const items = randomRows(5, 60, 4, 6).map((row, i) => [`song-${i}`, ...row] as const);
let root: string;
let indexed: string;
const context = listening();
const options = { targetRecall: 0.9, seed: 42, threads: 1 };

beforeAll(async () => {
  root = keptDirectory();
  await makeSmallSnapshot(root, idA, { items });
  tagSnapshot(root, idA, 'nightly');
  ({ snapshot: indexed } = await buildIndex({ root, snapshot: 'nightly', ...options }, context));
});

it('a tag that stays with what an index was built from is said, with the command that moves it', () => {
  expect(context.told.filter(({ kind }) => kind === 'note')).toEqual([
    {
      kind: 'note',
      message: `the tag nightly stays with ${idA}; \`tag\` gives one to what is made from it`,
      suggestions: [`segue snapshots tag ${indexed} nightly`],
    },
  ]);
});

it('is not said where what was built has a name of its own', async () => {
  const telling = listening();
  const folder = keptDirectory();
  await makeSmallSnapshot(folder, idA, { items });
  tagSnapshot(folder, idA, 'nightly');
  await buildIndex({ root: folder, snapshot: 'nightly', tag: 'indexed', ...options }, telling);
  expect(telling.told.filter(({ kind }) => kind === 'note')).toEqual([]);
});

it('publishing what has no index names what was made from it and has one', async () => {
  const telling = listening();
  const task = { root, snapshot: 'nightly', require: [], dryRun: true };
  await publish(task, telling);
  expect(telling.told.filter(({ kind }) => kind === 'warning')).toEqual([
    {
      kind: 'warning',
      message: `${idA} has no index; ${indexed}, which was made from it, has one`,
      suggestions: [`segue publish ${indexed}`],
    },
  ]);
});

it('publishing a member that has no index names the bundle that has one', async () => {
  const telling = listening();
  const members = { discover: indexed, radio: 'nightly' };
  await publish({ root, members, require: [], dryRun: true }, telling);
  expect(telling.told.filter(({ kind }) => kind === 'warning')).toMatchObject([
    { suggestions: [`segue publish discover=${indexed} radio=${indexed}`] },
  ]);
});

it('says nothing of what has an index, has no kin, or is its own ancestor', async () => {
  const telling = listening();
  tellOfIndexesElsewhere(root, indexed, undefined, telling);
  await makeSmallSnapshot(root, idB, { items, content: { parent: idB } });
  tellOfIndexesElsewhere(root, idB, undefined, telling);
  tellWhatStays(root, { id: idB }, indexed, telling);
  expect(telling.told).toEqual([]);
});

it('a tag that is moved by `tag` does not stay', async () => {
  const telling = listening();
  await buildIndex({ root, snapshot: 'nightly', tag: 'nightly', ...options }, telling);
  expect(telling.told.filter(({ kind }) => kind === 'note')).toEqual([]);
  tagSnapshot(root, idA, 'nightly');
});
