/** What has few events is nobody's neighbour, wherever neighbours are found, and it is told. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '#dist/core/options/catalogue.js';
import {
  listItems,
  openNeighbourSource,
  openReader,
  recommendByRecipe,
  similar,
  type SimilarOptions,
  type SimilarResult,
} from '#dist/core/library.js';
import { changeManifest } from '../../helpers/golden-root.js';
import { idOf, makeReaderRoot, numItems } from '../../helpers/reader-root.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import type { Folder } from '../../helpers/trained-root.js';
import { randomRows } from '../../helpers/vectors.js';

let folder: Folder;
let root = '';
const events = new Map<string, number>();
beforeAll(async () => {
  ({ folder, root } = await makeReaderRoot());
  for (const kind of ['item', 'artist'])
    for (const item of (await listItems({ root, k: 100, kind }, listening())).items)
      events.set(item.id, item.events);
});
afterAll(() => folder.remove());

const asked = (more: Partial<SimilarOptions> = {}): SimilarOptions => ({
  ...{ root, items: [idOf(7)], k: 6, ...more },
});
const rankedIds = ({ neighbours }: SimilarResult): string[] => neighbours.map(({ id }) => id);
/** So many events that about half of a kind has them. */
const middle = (kind: 'song' | 'Artist'): number => {
  const counts = [...events].filter(([id]) => id.startsWith(kind)).map(([, count]) => count);
  return counts.sort((a, b) => a - b)[Math.floor(counts.length / 2)]!;
};

describe('a neighbour', () => {
  it.each([
    ['song', {}],
    ['song', { items: [idOf(7), idOf(20)], minus: [idOf(31)], k: 40 }],
    ['song', { where: 'released >= 1980', exclude: [idOf(8)], k: 9 }],
    ['song', { maxPerArtist: 1 }],
    ['song', { for: 'user-3', k: 12 }],
    ['Artist', { kind: 'artist', items: ['artist:Artist 3'], k: 3 }],
  ] as const)('has so many events at least: %s %j', async (kind, more) => {
    const minEvents = middle(kind);
    const every = await similar(asked({ ...more, k: 100, minEvents: 0 }), listening());
    expect(every).not.toHaveProperty('tooFewEvents');
    const context = listening();
    const found = await similar(asked({ ...more, minEvents }), context);
    const { k } = asked(more);
    const enough = rankedIds(every).filter((id) => events.get(id)! >= minEvents);
    if ('maxPerArtist' in more) expect(rankedIds(found).length).toBe(k);
    else expect(rankedIds(found)).toEqual(enough.slice(0, k));
    for (const id of rankedIds(found)) expect(events.get(id)).toBeGreaterThanOrEqual(minEvents);
    if ('maxPerArtist' in more) return;
    const leftOut = rankedIds(every)
      .slice(0, k)
      .filter((id) => !enough.includes(id)).length;
    expect(leftOut).toBeGreaterThan(0);
    expect(found.tooFewEvents).toEqual({ minEvents, leftOut });
    const message = `left out for fewer than ${minEvents} events: ${leftOut} of the ${k} nearest; \`minEvents\` 0 keeps them`;
    expect(context.told).toContainEqual({ kind: 'note', message });
  });

  it('of many is that of each alone, whoever answers', async () => {
    const minEvents = middle('song');
    const out = join(folder.path, 'near.ndjson');
    const args = ['similar', '--all', '-k', '4', '--min-events', String(minEvents), '--out', out, '--force'];
    const { stderr } = await folder.segue(args);
    const few = [...events].filter(([id, n]) => id.startsWith('song') && n < minEvents).length;
    expect(stderr).toContain(`fewer than ${minEvents} events: ${few} of ${numItems} items`);
    const reader = await openReader(root, 'current', listening());
    const { source } = await openNeighbourSource({ root, minEvents }, listening());
    for (const line of readFileSync(out, 'utf8').trimEnd().split('\n').slice(0, 9)) {
      const answer = JSON.parse(line) as SimilarResult;
      const { id } = answer.query[0]!;
      const { tooFewEvents: _, ...alone } = await reader.similar({ items: [`id:${id}`], k: 4, minEvents });
      expect(alone).toEqual({ ...answer });
      const near = source.neighbours(source.item(id)!.row, 4);
      expect(near.map(({ item }) => item.id)).toEqual(rankedIds(answer));
    }
    source.close();
    await reader.close();
  });

  it('is not where a recipe looks near others, unless it says so', async () => {
    const minEvents = middle('song');
    const ask = async (text: string) => {
      const context = listening();
      const recipe = join(folder.path, 'near.json');
      writeFileSync(recipe, text);
      const options = { root, recipe, users: [], seedItems: [idOf(7)], includeHeard: true };
      const [answer] = await recommendByRecipe({ ...options, explain: false }, context);
      return { ids: answer!.recommendations.map(({ id }) => id), told: context.told };
    };
    const source = (min: number): string =>
      JSON.stringify({ sources: [{ source: 'seeds', 'min-events': min }], length: 8 });
    const every = await ask(source(0));
    expect(every).toMatchObject({ told: [] });
    expect(every.ids.some((id) => events.get(id)! < minEvents)).toBe(true);
    const enough = await ask(source(minEvents));
    expect(enough.ids).toHaveLength(8);
    expect(enough.ids.every((id) => events.get(id)! >= minEvents)).toBe(true);
    expect(JSON.stringify(enough.told)).toContain('min-events: 0 in sources[0] keeps them');
  });
});

describe('the count that is usual', () => {
  const directory = temporaryDirectories('file');
  const rows = randomRows(3, 30, 6);
  const usual = catalogue.minEvents.fallback();
  const near = async (
    counts: readonly number[] | undefined,
    more: Partial<SimilarOptions> = {},
    name = 'als',
  ): Promise<string[]> => {
    const at = directory();
    const items = rows.map((row, i) => [`i${i}`, ...row] as const);
    await makeSmallSnapshot(at, idA, { items, ...(counts && { counts }) });
    if (name !== 'als') {
      changeManifest(join(at, 'snapshots', idA), (manifest) => {
        (manifest['model'] as { name: string }).name = name;
      });
    }
    return rankedIds(await similar(asked({ root: at, items: ['i29'], k: 30, ...more }), listening()));
  };
  const numEnough = 12;
  const counts = rows.map((_, i) => (i < numEnough ? usual : usual - 1));

  it(`is ${usual}: an item with fewer has neighbours, and is none`, async () => {
    expect((await near(counts)).sort()).toEqual(
      rows
        .slice(0, numEnough)
        .map((_, i) => `i${i}`)
        .sort(),
    );
    expect(await near(counts, { minEvents: 0 })).toHaveLength(29);
    expect(await near(counts, { minEvents: usual - 1 })).toHaveLength(29);
  });

  it('leaves nothing out where nothing was counted, where nothing has so many, and of imported vectors', async () => {
    expect(await near(undefined)).toHaveLength(29);
    expect(await near(rows.map(() => usual - 1))).toHaveLength(29);
    expect(await near(counts, {}, 'imported')).toHaveLength(29);
  });
});
