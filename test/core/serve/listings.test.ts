import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type Service } from '../../helpers/service.js';
import { makeRockRoot } from '../../helpers/rock-root.js';
import type { Folder } from '../../helpers/trained-root.js';

let folder: Folder;
let service: Service;
beforeAll(async () => {
  folder = await makeRockRoot();
  service = await startService([`${folder.path}/root`], { workers: 0 });
});
afterAll(async () => {
  await service.close();
  folder.remove();
});

describe('what can be asked for', () => {
  it('are listeners by how their ids begin, as segue users lists them', async () => {
    for (const [query, args] of [
      ['', []],
      ['?prefix=KGLK&k=3', ['KGLK', '-k', '3']],
    ] as const) {
      const [listed] = await folder.json(['users', ...args]);
      expect((await service.get(`/v1/listeners${query}`)).body).toEqual(listed);
    }
    expect((await service.get('/v1/listeners?k=1001')).status).toBe(400);
    const first = await service.get('/v1/listeners?prefix=KGLK&k=2&fields=id');
    const next = /<(.+)>; rel="next"/.exec(first.headers.get('link')!)![1]!;
    const second = await service.get(next);
    const whole = (await service.get('/v1/listeners?prefix=KGLK&k=4&fields=id')).body.users;
    expect([...first.body.users, ...second.body.users]).toEqual(whole);
    const nobody = await service.get('/v1/listeners?prefix=KGLKx');
    expect([nobody.body.matching, nobody.body.users]).toEqual([0, []]);
  });

  it('are recipes by name, without paths', async () => {
    const { body } = await service.get('/v1/recipes');
    expect(body.recipes.map(({ name }: { name: string }) => name)).toContain('discover');
    expect(Object.keys(body.recipes[0])).toEqual(['name', 'about', 'from']);
  });

  it('are facts of many items at once', async () => {
    const queries = [{ item: 'Plush' }, { item: 'artist:Eagles' }, { item: 'no such thing' }];
    const { body } = await service.post('/v1/items', { queries });
    const one = await service.get('/v1/items/Plush');
    expect(body.answers[0]).toEqual(one.body);
    expect(body.answers[1].kind).toBe('artist');
    expect(body.answers[2].problem.code).toBe('item-not-found');
  });
});
