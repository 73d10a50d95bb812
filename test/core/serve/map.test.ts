import { rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeMap, type CatalogueMap } from '#dist/core/map/map-format.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { startService, type Service } from '../../helpers/service.js';
import { makeReaderRoot, numItems } from '../../helpers/reader-root.js';
import type { Folder } from '../../helpers/trained-root.js';

let folder: Folder;
let root: string;
let service: Service;
let snapshot: string;

beforeAll(async () => {
  ({ folder, root } = await makeReaderRoot());
  service = await startService([root], { workers: 0 });
  snapshot = (await service.get('/v1/snapshots')).body.current;
});
afterAll(async () => {
  await service.close();
  folder.remove();
});

/** The map, once it is made. */
async function mapOf(path = '/v1/map'): Promise<{ map: CatalogueMap; headers: Headers }> {
  for (;;) {
    const response = await fetch(service.url + path);
    if (response.status === 200) {
      const map = decodeMap(new Uint8Array(await response.arrayBuffer()));
      return { map: map!, headers: response.headers };
    }
    expect(response.status).toBe(202);
    expect(response.headers.get('retry-after')).toBe('1');
    const progress: unknown = await response.json();
    expect(progress).toEqual({
      phase: expect.any(String),
      done: expect.any(Number),
      total: expect.any(Number),
    });
    await setTimeout(50);
  }
}

describe('GET /v1/map', () => {
  it('has a point for each item, of the snapshot that is said', async () => {
    const { map, headers } = await mapOf();
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('segue-snapshot')).toBe(snapshot);
    const { items, of } = (await service.get('/v1/items?k=2')).body;
    // One more is of the catalogue only.
    expect([map.numItems, of]).toEqual([numItems, numItems + 1]);
    expect(map.popularity[0]).toBe(255);
    expect(items[0].events).toBeGreaterThanOrEqual(items[1].events);
    expect((await mapOf(`/v1/map?snapshot=${snapshot}`)).map).toEqual(map);
  });

  it('answers other questions while it makes one', async () => {
    rmSync(rootPath.maps(root), { recursive: true, force: true });
    const other = await startService([root], { workers: 0 });
    try {
      const first = await fetch(`${other.url}/v1/map`);
      expect([200, 202]).toContain(first.status);
      expect((await other.get('/v1/items?k=1')).status).toBe(200);
    } finally {
      await other.close();
    }
  });

  it('refuses what it does not know', async () => {
    expect((await service.get('/v1/map?rows=1')).body).toMatchObject({ status: 400, code: 'bad-usage' });
    expect((await service.get('/v1/map?snapshot=ffffffffffffffff')).status).toBe(410);
    expect((await service.post('/v1/map', {})).status).toBe(405);
  });
});

describe('GET /v1/map/items', () => {
  it('names the items of rows, and finds the rows of items', async () => {
    const listed = (await service.get('/v1/items?k=3')).body.items;
    const { body } = await service.get('/v1/map/items?rows=2,0');
    expect(body).toEqual({
      snapshot,
      items: [2, 0].map((row) => ({ row, id: listed[row].id, name: listed[row].name })),
    });
    const [first, second] = [0, 1].map((row) => encodeURIComponent(`id:${listed[row].id}`));
    const named = (await service.get(`/v1/map/items?item=${second!}&item=${first!}`)).body;
    expect(named.items.map(({ row }: { row: number }) => row)).toEqual([1, 0]);
    expect((await service.get('/v1/map/items')).body.items).toEqual([]);
  });

  it.each([
    ['rows=x', 400],
    ['rows=-1', 400],
    ['rows=1,', 400],
    ['rows=4000000000', 400],
    [`rows=${'1,'.repeat(1000)}1`, 400],
    ['item=no-such-item', 404],
    ['items=1', 400],
  ])('refuses %s', async (query, status) => {
    const { body } = await service.get(`/v1/map/items?${query}`);
    expect(body).toMatchObject({ status, suggestions: expect.any(Array) });
  });
});
