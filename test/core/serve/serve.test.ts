/** The service: answers that are those of the command line, by one snapshot each, whatever is published meanwhile. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { prepare } from '../../helpers/prepared.js';
import { smallRock } from '../../helpers/small-rock.js';
import { makeFolder, type Folder } from '../../helpers/trained-root.js';
import { startService, type Service } from '../../helpers/service.js';
import { queries, type QueryName } from '#dist/core/query/queries.js';
import { parameterName } from '#dist/core/serve/problems.js';
import { mistakes } from '../../helpers/mistakes.js';
import { Admission } from '#dist/core/serve/admission.js';
import { appendHistory } from '#dist/core/snapshot/publication-log.js';
import { words as typed } from '../../helpers/words.js';

const user = 'KGLK/2014-06-16';
const inPath = encodeURIComponent(user);

let folder: Folder;
let root: string;
let service: Service;
let snapshots: string[];

beforeAll(async () => {
  folder = makeFolder();
  root = join(folder.path, 'root');
  const train = ['train', smallRock.plays, '--items', smallRock.items, '--factors', '8', '--threads', '1'];
  await prepare(folder, [
    [...train, '--epochs', '1', '--tag', 'one'],
    [...train, '--epochs', '2', '--tag', 'two'],
    ['publish', 'one'],
  ]);
  const recipes = join(folder.path, 'segue-recipes');
  mkdirSync(recipes);
  writeFileSync(join(recipes, 'ours.yaml'), 'sources:\n  - source: popular\n    take: 20\n');
  writeFileSync(join(recipes, 'broken.yaml'), 'sources: 3\n');
  snapshots = (await folder.json(['snapshots', 'list']))[0]!['snapshots'].map(
    (each: { snapshot: string }) => each.snapshot,
  );
  service = await startService([root]);
});
afterAll(async () => {
  await service.close();
  folder.remove();
});

describe('an answer', () => {
  it('is the same among many', async () => {
    const { body } = await service.post('/v1/recommend', {
      queries: [
        { user, k: 3 },
        { like: ['Plush'], k: 2 },
        { user: 'nobody', strict: true },
        { user, recipe: 'discover' },
      ],
    });
    const one = async (path: string): Promise<unknown> => (await service.get(path)).body as unknown;
    const { requestId: _, ...problem } = (await service.get('/v1/recommend/nobody?strict=true')).body;
    expect(body.answers).toEqual([
      await one(`/v1/recommend/${inPath}?k=3`),
      await one('/v1/recommend?like=Plush&k=2'),
      { problem },
      await one(`/v1/recommend/${inPath}?recipe=discover`),
    ]);
    const similar = await service.post('/v1/similar', { queries: [{ item: ['Plush'], k: 2 }] });
    expect(similar.body.answers).toEqual([await one('/v1/similar?item=Plush&k=2')]);
  });

  it('counts by how many questions and results it has', async () => {
    const within = vi.spyOn(Admission.prototype, 'within');
    const queries = (count: number, k?: number): object => ({
      queries: Array.from({ length: count }, () => ({ item: ['Plush'], ...(k === undefined ? {} : { k }) })),
    });
    await service.get('/v1/similar?item=Plush');
    await service.get('/v1/similar?item=Plush&k=101');
    await service.post('/v1/similar', queries(11));
    await service.post('/v1/similar', queries(3, 1000));
    expect(within.mock.calls.map(([, , weight]) => weight)).toEqual([1, 2, 2, 30]);
    within.mockRestore();
  });

  it('is refused by name where a parameter means nothing beside the others, as by the library', async () => {
    const paths: Readonly<Record<string, string>> = {
      ...{ similar: 'similar', recommend: 'recommend', recipe: 'recommend' },
      ...{ userVector: `listeners/${inPath}/vector`, listener: `listeners/${inPath}`, audience: 'audience' },
      ...{ items: 'items', users: 'listeners' },
    };
    const refused = new Set<string>();
    for (const [name, path] of Object.entries(paths)) {
      const { operation } = queries[name as QueryName];
      for (const { of, option, given } of mistakes.filter(
        ({ of: each }) => each.options === operation.options,
      )) {
        const parameters = Object.entries(given).flatMap(([key, value]) =>
          [value].flat().map((each): [string, string] => [parameterName(key), String(each)]),
        );
        const { status, body } = await service.get(
          `/v1/${path}?${new URLSearchParams(parameters).toString()}`,
        );
        const said = `${of.name} ${option}: ${body.detail}`;
        expect([status, body.code], said).toEqual([400, 'bad-usage']);
        expect(body.detail, said).toContain(`\`${parameterName(option)}\``);
        if (!String(body.detail).startsWith('there is no parameter')) refused.add(`${name} ${option}`);
      }
    }
    const wanted = ['similar skipUnknown', 'similar includeHeard', 'similar skipWeight', 'recommend reasons'];
    for (const each of [...wanted, 'recommend skipUnknown', 'recipe skipUnknown'])
      expect(refused).toContain(each);
  });

  it('names its snapshot and epoch', async () => {
    const { headers, body } = await service.get('/v1/items?k=1');
    const { current } = (await folder.json(['snapshots', 'list']))[0]!;
    expect([headers.get('segue-snapshot'), headers.get('segue-epoch')]).toEqual([current, '1']);
    expect(body.snapshot).toBe(current);
    expect((await service.get('/v1')).body.roots).toEqual([{ name: null, snapshot: current, epoch: 1 }]);
  });

  it('has only the fields that are asked for', async () => {
    const { body } = await service.get('/v1/similar?item=Plush&k=2&fields=id,rank');
    const whole = (await service.get('/v1/similar?item=Plush&k=2')).body;
    expect(body).toEqual({
      ...whole,
      neighbours: whole.neighbours.map(({ id, rank }: { id: string; rank: number }) => ({ rank, id })),
    });
    expect((await service.get('/v1/items/Plush?fields=events')).body).toEqual({ events: expect.any(Number) });
  });

  it('names a field that no result can have, and lets columns pass that these have not', async () => {
    const ask = (path: string) => service.get(path).then(({ status, body }) => [status, body.detail]);
    expect(await ask('/v1/similar?item=Plush&k=2&fields=id,artist')).toEqual([200, undefined]);
    expect(await ask('/v1/audience?item=Plush&k=2&fields=nmae')).toEqual([400, 'fields: there is no "nmae"']);
    expect(await ask('/v1/items/Plush?fields=nmae')).toEqual([400, 'fields: there is no "nmae"']);
    for (const path of ['/v1/similar?item=Plush&k=2&fields=id,nmae', '/v1/items?q=nosuchword&fields=nmae'])
      expect(await ask(path)).toEqual([
        400,
        expect.stringMatching(/^fields: there is no column nmae; there are: /),
      ]);
    // What is refused has no next page.
    expect((await service.get('/v1/items?k=2&fields=nmae')).headers.get('link')).toBeNull();
    expect(await ask('/v1/items?q=nosuchword&fields=artist')).toEqual([200, undefined]);
    const many = await service.post('/v1/similar?fields=nmae', { queries: [{ item: ['Plush'] }] });
    expect([many.status, many.body.detail]).toEqual([400, expect.stringContaining('no column nmae')]);
  });

  it('comes in pages that together are one, by the snapshot of the first', async () => {
    const whole = (await service.get('/v1/similar?item=Plush&k=9&snapshot=one')).body.neighbours;
    let next: string | undefined = '/v1/similar?item=Plush&k=4&snapshot=one';
    const pages = [];
    for (let page = 0; page < 3 && next !== undefined; page++) {
      const { body, headers }: Awaited<ReturnType<Service['get']>> = await service.get(next);
      pages.push(...body.neighbours);
      next = /<(.+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    }
    expect(pages.slice(0, 9)).toEqual(whole);
    expect(pages).toHaveLength(12);
    const beside = await service.get(`${next!}&snapshot=one`);
    expect([beside.status, beside.body.detail]).toEqual([
      400,
      'snapshot beside a cursor, which says the snapshot',
    ]);
    const other = await service.get(next!.replace('Plush', 'Layla'));
    expect([other.status, other.body.detail]).toEqual([400, expect.stringContaining('another question')]);
    const gone = await service.get(next!.replace(/cursor=[0-9a-f]{16}/, 'cursor=0123456789abcdef'));
    expect(gone.status).toBe(410);
  });

  it('of a recipe has its own length, and pages without repeats', async () => {
    const path = `/v1/recommend/${inPath}?recipe=feed`;
    const [printed] = await folder.json(['recommend', user, '--recipe', 'feed']);
    expect((await service.get(path)).body).toEqual(printed);
    const first = await service.get(`${path}&k=3`);
    const [, next] = /<(.+)>; rel="next"/.exec(first.headers.get('link')!)!;
    const second = (await service.get(next!)).body;
    const whole = (await service.get(`${path}&k=6`)).body;
    expect([...first.body.recommendations, ...second.recommendations]).toEqual(whole.recommendations);
    expect((await service.get(`${path}&k=3&page=2`)).body).toEqual(second);
    const rows = await service.get(`/v1/recommend/${inPath}?recipe=start-page&k=4`);
    expect([rows.status, rows.headers.get('link')]).toEqual([200, null]);
  });

  it('is refused as an RFC 9457 problem, in words of a request', async () => {
    const problem = async (path: string): Promise<unknown[]> => {
      const { status, body, headers } = await service.get(path);
      expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(body).toMatchObject({
        type: `urn:segue:problem:${body.code}`,
        status,
        title: expect.any(String),
      });
      return [status, body.code, body.detail];
    };
    expect(await problem('/v1/similar?item=Plush&kk=3')).toEqual([
      400,
      'bad-usage',
      'there is no parameter `kk`',
    ]);
    expect(await problem('/v1/similar')).toEqual([400, 'bad-usage', 'no item is named']);
    expect(await problem('/v1/similar?item=Plush&k=0')).toEqual([
      400,
      'bad-usage',
      '`k`: wanted a whole number from 1 to 1000',
    ]);
    expect(await problem('/v1/similar?item=Plush&k=1&k=2')).toEqual([
      400,
      'bad-usage',
      '`k`: wanted a whole number from 1 to 1000',
    ]);
    expect(await problem('/v1/items/nothing-like-it')).toEqual([404, 'item-not-found', expect.anything()]);
    expect(await problem('/v1/recommend/nobody?strict=true')).toEqual([
      404,
      'user-not-found',
      expect.anything(),
    ]);
    expect(await problem('/v1/recommend')).toEqual([400, 'bad-usage', expect.anything()]);
    expect(await problem('/v1/nothing')).toEqual([404, 'no-such-route', 'there is no such route']);
    expect(await problem('/v1/items?snapshot=0123456789abcdef')).toEqual([
      410,
      'snapshot-not-found',
      expect.anything(),
    ]);
    expect(await problem('/v1/items?snapshot=nightly')).toEqual([
      404,
      'snapshot-not-found',
      expect.anything(),
    ]);
    expect(await problem('/v1/items?min-epoch=99')).toEqual([
      412,
      'not-yet',
      'epoch 1 is current, 99 is wanted',
    ]);
  });

  it('of a body says where in it what is wrong stands', async () => {
    const place = async (path: string, sent: object): Promise<unknown[]> => {
      const { status, body } = await service.post(path, sent);
      return [status, body.detail, body.pointer];
    };
    const fine = { item: ['Plush'] };
    const extra = 'there is no parameter `kk`';
    expect(await place('/v1/similar', { queries: [fine, { ...fine, kk: 1 }] })).toEqual([
      400,
      `queries 2: ${extra}`,
      '/queries/1/kk',
    ]);
    expect(await place('/v1/similar', { queries: [{ ...fine, kk: 1 }] })).toEqual([
      400,
      extra,
      '/queries/0/kk',
    ]);
    expect(await place('/v1/similar', { queries: [fine], kk: 1 })).toEqual([400, extra, '/kk']);
    expect(await place('/v1/similar', { queries: [fine, { ...fine, k: 0 }] })).toEqual([
      400,
      'queries 2: `k`: wanted a whole number from 1 to 1000',
      '/queries/1/k',
    ]);
    expect(await place('/v1/similar', {})).toEqual([400, '`queries` is missing', '/queries']);
    const entry = { user: 'ann', item: 'Plush', type: 'like' };
    expect(await place('/v1/feedback', { feedback: [entry, { user: 'ann' }] })).toEqual([
      400,
      'feedback 2: `item` is missing',
      '/feedback/1/item',
    ]);
    expect(await place('/v1/feedback', { feedback: [entry, { ...entry, item: 'no song' }] })).toEqual([
      404,
      expect.stringMatching(/^feedback 2: /),
      '/feedback/1',
    ]);
    expect(await place('/v1/events', { events: [entry], kk: 1 })).toEqual([400, extra, '/kk']);
    expect(await place('/v1/events', { evnts: [entry] })).toEqual([400, '`events` is missing', '/events']);
  });

  it('takes recipes by names alone, and never says where they are', async () => {
    expect((await service.get(`/v1/recommend/${inPath}?recipe=ours`)).status).toBe(200);
    const names = typed`..%2Fours %2Fetc%2Fpasswd .. . ours.yaml%00 a%2Fb %252e%252e ours.yaml none
      broken`;
    for (const name of names) {
      const { status, text } = await service.get(`/v1/recommend/${inPath}?recipe=${name}`);
      expect([400, 404], name).toContain(status);
      expect(text).not.toContain(folder.path);
      expect(text).not.toMatch(/\/(?:dist|src|recipes|segue-recipes)\b/);
    }
  });
});

describe('a user whom nobody knows', () => {
  const near = user.slice(0, -1);
  const unknown = (recipe: string | null): object => ({
    user: near,
    unknownUser: { recipe, closest: expect.arrayContaining([user]) },
  });

  it('gets what is popular, with the ids that come closest, whatever is asked', async () => {
    const ask = async (query: string): Promise<any> =>
      (await service.get(`/v1/recommend/${encodeURIComponent(near)}?k=4${query}`)).body;
    const popular = (await service.get('/v1/recommend?recipe=popular&k=4')).body.recommendations;
    const byModel = await ask('');
    expect(byModel).toMatchObject({ ...unknown('popular'), fallback: 'popularity' });
    expect(byModel.recommendations.map(({ id }: any) => id)).toEqual(popular.map(({ id }: any) => id));
    expect(await ask('&kind=artist')).toMatchObject({ ...unknown('popular'), kind: 'artist' });
    for (const recipe of ['discover', 'popular']) {
      const byRecipe = await ask(`&recipe=${recipe}`);
      expect(byRecipe).toMatchObject({ ...unknown('popular'), recipe: 'popular' });
      expect(byRecipe.recommendations).toEqual(popular);
    }
    expect(await ask('&recipe=ours')).toMatchObject({ ...unknown('ours'), recipe: 'ours' });
    const liking = await ask('&like=Plush');
    const anyone = (await service.get('/v1/recommend?like=Plush&k=4')).body;
    expect(liking).toEqual({ ...anyone, ...unknown(null) });
    const { body } = await service.post('/v1/recommend', {
      queries: [{ user: near, k: 4 }, { user: near, strict: true }, { user }],
    });
    expect(body.answers).toMatchObject([byModel, { problem: { code: 'user-not-found' } }, { user }]);
    expect(body.answers[2]).not.toHaveProperty('unknownUser');
  });

  it('is shown the neighbours that anyone is shown', async () => {
    const ask = (more: string): Promise<any> => service.get(`/v1/similar?item=Plush&k=4${more}`);
    const asked = `&for=${encodeURIComponent(near)}`;
    const { neighbours } = (await ask('')).body;
    expect((await ask(asked)).body).toMatchObject({
      neighbours,
      for: near,
      unknownUser: { recipe: null, closest: expect.arrayContaining([user]) },
    });
    const { status, body } = await ask(`${asked}&strict=true`);
    expect([status, body.code, body.ids]).toEqual([404, 'user-not-found', expect.arrayContaining([user])]);
    expect((await ask(`&for=${inPath}`)).body).not.toHaveProperty('unknownUser');
  });

  it('gets what the service was told to give, unless that needs a history', async () => {
    const told = await startService([root], { fallback: 'ours', workers: 0 });
    const { body } = await told.get(`/v1/recommend/${encodeURIComponent(near)}?k=4`);
    expect(body).toMatchObject(unknown('ours'));
    expect(body).not.toHaveProperty('fallback');
    expect(body.recommendations).toEqual(
      (await told.get('/v1/recommend?recipe=ours&k=4')).body.recommendations,
    );
    await told.close();
    await expect(startService([root], { fallback: 'discover', workers: 0 })).rejects.toMatchObject({
      code: 'bad-usage',
    });
  });

  it('is an error on the command line, but with --fallback', async () => {
    const { stdout } = await folder.segue(['recommend', near, '--json'], 3);
    expect(JSON.parse(stdout).error.code).toBe('user-not-found');
    const args = ['recommend', near, user, '-k', '4', '--fallback', 'popular'];
    const [first, second] = await folder.json(args);
    const { body } = await service.get(`/v1/recommend/${encodeURIComponent(near)}?k=4`);
    expect(first).toEqual(body);
    expect(second!['user']).toBe(user);
    const { stderr } = await folder.segue(args);
    expect(stderr).toContain(`no user "${near}" (did you mean ${user}`);
  });

  it('is also whoever was forgotten, whom no one is told of', async () => {
    await service.post('/v1/feedback', { user: `${near}7`, item: 'Plush', type: 'like' });
    const ask = async (id: string): Promise<any> =>
      (await service.get(`/v1/recommend/${encodeURIComponent(id)}?k=1`)).body;
    expect(await ask(`${near}7`)).not.toHaveProperty('unknownUser');
    const [other] = (await ask('KGB/2014-06-1')).unknownUser.closest;
    await folder.segue(['feedback', 'forget', other]);
    expect((await ask(other)).unknownUser).toMatchObject({ recipe: 'popular' });
    expect((await ask('KGB/2014-06-1')).unknownUser.closest).not.toContain(other);
    const paths = typed`/recommend/ID?strict=true /listeners/ID /listeners/ID/vector
      /similar?item=Plush&for=ID&strict=true`;
    for (const path of paths) {
      const problemOf = async (id: string): Promise<string> => {
        const { body } = await service.get(`/v1${path.replace('ID', encodeURIComponent(id))}`);
        const { requestId: _, ids, suggestions, ...problem } = body;
        return JSON.stringify({ ...problem, last: suggestions.at(-1) }).replace(id, 'ID');
      };
      expect(await problemOf(other)).toBe(await problemOf('KGB/2014-06-1'));
    }
  });
});

describe('feedback', () => {
  it('is in force in the next answer', async () => {
    const first = async (): Promise<string> =>
      (await service.get(`/v1/recommend/${inPath}?k=1`)).body.recommendations[0].id as string;
    const item = await first();
    const { status, body } = await service.post('/v1/feedback', { user, item, type: 'ban', id: 'b1' });
    expect([status, body.entries]).toEqual([200, [{ id: 'b1', seq: expect.any(Number), leftOut: null }]]);
    expect(await first()).not.toBe(item);
    const again = await service.post('/v1/feedback', { feedback: [{ user, item, type: 'ban', id: 'b1' }] });
    expect(again.body.entries).toEqual([{ id: 'b1', seq: null, leftOut: 'repeated' }]);
    const both = [
      { user: 'zoe', item, type: 'like' },
      { user, item, type: 'like', id: 'b1' },
    ];
    const other = await service.post('/v1/feedback', { feedback: both });
    expect([other.status, other.body.code]).toEqual([409, 'id-conflict']);
    expect(other.body.detail).toMatch(/"type":"ban".*, not .*"type":"like"/);
    expect((await service.get('/v1/recommend/zoe?strict=true')).status).toBe(404);
    const listed = (await folder.json(['feedback', 'list', user]))[0]!;
    expect(JSON.stringify(listed)).toContain(item);
  });

  it('of many is kept whole or not at all, and says which is wrong', async () => {
    const { status, body } = await service.post('/v1/feedback', {
      feedback: [
        { user: 'ann', item: 'Plush', type: 'like' },
        { user: 'ann', item: 'no such song', type: 'like' },
      ],
    });
    expect([status, body.code]).toEqual([404, 'item-not-found']);
    expect(body.detail).toMatch(/^feedback 2: /);
    expect((await service.get('/v1/recommend/ann?strict=true')).status).toBe(404);
  });

  it('as events changes the vector at once; what is no event is answered with the reason', async () => {
    const vector = async (): Promise<unknown> =>
      (await service.get(`/v1/listeners/${inPath}/vector`)).body.vector;
    const before = await vector();
    const refused = [
      [{ user, item: true }, ''],
      [{ item: 'x' }, ''],
      [{ user, item: 'x', time: 'yesterday' }, ''],
      [{ user, item: 'x', session: 's1' }, '/session'],
      [{ user, item: 'x', 'a/b': null, 'c/~d': 1 }, '/c~1~0d'],
      [{ user, item: 'x', time: 5, at: 6 }, '/at'],
      ['x', ''],
      [{ user, item: 'x', weight: 'TOO-LARGE' }, ''],
    ] as const;
    const good = [
      { user, item: 'nirvana-come-as-you-are', weight: 5, id: 'e1' },
      { user_id: user, track: 'y', ts: 1_594_257_201, id: 'e1' },
    ];
    const events = [good[0], ...refused.map(([each]) => each), good[1]];
    const { body } = await service.post(
      '/v1/events',
      JSON.stringify({ events }).replace('"TOO-LARGE"', '1e999'),
    );
    expect(body.events).toEqual([
      { id: 'e1', seq: expect.any(Number), leftOut: null },
      ...refused.map(([, key], at) => ({
        refused: expect.stringMatching(/^the event (has|is) /) as string,
        index: at + 1,
        pointer: `/events/${at + 1}${key}`,
      })),
      {
        refused: expect.stringMatching(
          /^the event has the id "e1", under which its user has another: .*"item":"y"/,
        ),
        index: refused.length + 1,
        pointer: `/events/${refused.length + 1}/id`,
      },
    ]);
    expect(body.events[4].refused).toContain(
      'has the key "session", which is not read; it may have user, item',
    );
    expect(await vector()).not.toEqual(before);
    expect(await vector()).toEqual((await folder.json(['user-vector', user]))[0]!['vector']);
  });

  it('as events of another program is read as the query says, or as what it is recognised as', async () => {
    const listen = {
      listened_at: 1_594_257_201,
      user_name: 'lb',
      track_metadata: { artist_name: 'a', track_name: 't' },
    };
    const skipped = { who: { id: 'lb' }, item: 'x', ms: 1, action: 'view' };
    const kept = { id: expect.any(String) as string, seq: expect.any(Number) as number, leftOut: null };
    const post = async (events: readonly object[], query: object): Promise<unknown> => {
      const asked = new URLSearchParams(query as Record<string, string>).toString();
      const { status, body } = await service.post(`/v1/events?${asked}`, { events });
      return status === 200 ? [body.format, ...body.events] : [status, body.detail];
    };
    expect(await post([listen], {})).toEqual(['listenbrainz', kept]);
    const asked = { columns: 'user=who.id', filter: 'ms >= 30000', types: 'play=view' };
    expect(await post([{ ...skipped, ms: 30_000.5 }, skipped], asked)).toEqual([
      undefined,
      kept,
      { refused: 'the event is left out: rows that do not match `filter`', index: 1, pointer: '/events/1' },
    ]);
    expect(await post([{ ...skipped, who: 'lb' }], { columns: 'user=who' })).toEqual([
      undefined,
      {
        refused: expect.stringContaining('Say what it means: `types` play=view') as string,
        index: 0,
        pointer: '/events/0',
      },
    ]);
    expect(await post([listen], { format: 'million-playlist' })).toEqual([
      400,
      expect.stringContaining('is SQL'),
    ]);
    expect(await post([listen], { format: '/etc/x.yaml' })).toEqual([
      400,
      expect.stringContaining('is of files'),
    ]);
    expect(await post([listen], { filter: 'ms >' })).toEqual([
      400,
      expect.stringMatching(/^`filter`, character 5/),
    ]);
    expect(await post([listen], { sql: 'select 1' })).toEqual([400, 'there is no parameter `sql`']);
    expect(JSON.stringify(await folder.json(['feedback', 'list', 'lb']))).toContain('a - t');
  });
});

describe('another publication', () => {
  const idOf = async (name: string): Promise<string> =>
    (await service.get(`/v1/items?k=1&snapshot=${name}`)).body.snapshot as string;

  const changeOf = (seq: number, op: string, from: string, to: string) => {
    return { seq, op, from, to, time: '2014-06-20T00:00:00Z', who: 'x@y', why: null };
  };

  it('answers soon, with no failed request, and each answer is of one snapshot', async () => {
    const seen = new Map<string, Set<string>>();
    let over = false;
    const ask = async (): Promise<void> => {
      while (!over) {
        const { status, body, headers } = await service.get('/v1/similar?item=Plush&k=2');
        expect(status).toBe(200);
        const id = headers.get('segue-snapshot')!;
        expect(body.snapshot).toBe(id);
        seen.set(id, (seen.get(id) ?? new Set()).add(JSON.stringify(body)));
      }
    };
    const asking = [ask(), ask(), ask()];
    await folder.segue(['publish', 'two']);
    let epoch = '';
    while (epoch !== '2') epoch = (await service.get('/v1/items?k=1')).headers.get('segue-epoch')!;
    await folder.segue(['rollback']);
    // A caller that knows of a publication is never answered by an earlier one.
    const { headers } = await service.get('/v1/items?k=1&min-epoch=3');
    expect(headers.get('segue-epoch')).toBe('3');
    over = true;
    await Promise.all(asking);
    expect([...seen.keys()].sort()).toEqual([...snapshots].sort());
    for (const answers of seen.values()) expect(answers.size).toBe(1);
  });

  it('that another took the place of before it answered is told by its epoch', async () => {
    const one = await idOf('one');
    const two = snapshots.find((id) => id !== one)!;
    // At once, as from another process: it finds the same snapshot current, published again.
    for (const change of [changeOf(4, 'publish', one, two), changeOf(5, 'rollback', two, one)])
      for (const phase of ['intent', 'commit'] as const) appendHistory(root, { ...change, phase });
    const { headers, body } = await service.get('/v1/items?k=1&min-epoch=5');
    expect([headers.get('segue-epoch'), body.snapshot]).toEqual(['5', one]);
    const older = await service.get('/v1/items?k=1&snapshot=two&min-epoch=5');
    expect([older.status, older.body.code]).toEqual([412, 'not-yet']);
    expect((await service.get('/v1/items?k=1&snapshot=two&min-epoch=4')).status).toBe(200);
  });

  it('that did not happen counts for nothing', async () => {
    const change = changeOf(6, 'publish', await idOf('one'), await idOf('two'));
    appendHistory(root, { ...change, phase: 'intent' });
    appendHistory(root, { ...change, phase: 'abandon' });
    expect((await service.get('/v1/items?k=1&min-epoch=6')).status).toBe(412);
    expect((await service.get('/metrics')).text).toMatch(/^segue_snapshot_lag\{root=""\} 0$/m);
  });

  it('leaves an older one to be asked for', async () => {
    const ids = await Promise.all(
      ['one', 'two', 'current'].map(
        async (name) => (await service.get(`/v1/items?k=1&snapshot=${name}`)).body.snapshot,
      ),
    );
    expect(new Set(ids).size).toBe(2);
    expect(ids[2]).toBe(ids[0]);
  });
});

describe('the service tells of itself', () => {
  it('to whoever looks whether it lives', async () => {
    expect((await service.get('/healthz')).body).toEqual({ status: 'ok' });
    expect((await service.get('/readyz')).body).toEqual({ status: 'ready', problems: [] });
  });

  it('in numbers', async () => {
    const { text } = await service.get('/metrics');
    expect(text).toMatch(/^segue_snapshot_epoch\{root=""\} 5$/m);
    expect(text).toMatch(/^segue_snapshot_lag\{root=""\} 0$/m);
    expect(text).toMatch(/^segue_ledger_entries\{root=""\} [1-9]/m);
    expect(text).toMatch(/^segue_request_seconds_count\{route="\/v1\/recommend\/:user",status="200"\} /m);
    expect(text).not.toContain('KGLK');
  });

  it('which snapshots there are, and not where', async () => {
    const { body, text } = await service.get('/v1/snapshots');
    const { root: _, at: __, ...listed } = (await folder.json(['snapshots', 'list']))[0]!;
    expect(body).toEqual({ ...listed, at: expect.any(String) });
    expect(text).not.toContain(folder.path);
  });
});
