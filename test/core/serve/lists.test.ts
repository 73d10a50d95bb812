/** Lists: page after page as they were when they began, or line after line to their end. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { queryRoutes } from '#dist/core/serve/query-table.js';
import { ServedRoot, type HeldReader } from '#dist/core/serve/served-root.js';
import { idOf, makeReaderRoot, numItems, type ReaderRoot } from '../../helpers/reader-root.js';
import { startService, type Answer, type Service } from '../../helpers/service.js';

const user = 'user-3';
let root: ReaderRoot;
let service: Service;

beforeAll(async () => {
  root = await makeReaderRoot();
  service = await startService([root.root], { workers: 0 });
});
afterAll(async () => {
  await service.close();
  root.folder.remove();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const nextOf = ({ headers }: Answer): string | undefined =>
  /<(.+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
const idsOf = ({ body }: Answer, list = 'recommendations'): string[] =>
  body[list].map(({ id }: { id: string }) => id);
const lines = async (path: string): Promise<Answer> => service.get(path, { accept: 'application/x-ndjson' });
const rowsOf = ({ text }: Answer): any[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
const play = (of: string, item: string): Promise<Answer> =>
  service.post('/v1/events', { user: of, item, type: 'play' });

describe('a page', () => {
  it.each(['', '&recipe=discover'])(
    'goes on in the list as it was, whatever is played or published between: %s',
    async (recipe) => {
      const path = `/v1/recommend/${user}?k=4${recipe}`;
      const whole = idsOf(await service.get(`/v1/recommend/${user}?k=12${recipe}`));
      const first = await service.get(path);
      for (const id of idsOf(first).slice(0, 2)) await play(user, id);
      await root.folder.segue(['publish', root.second]);
      await vi.waitFor(async () =>
        expect((await service.get('/v1')).body.roots[0].snapshot).toBe(root.second),
      );
      const second = await service.get(nextOf(first)!);
      const third = await service.get(nextOf(second)!);
      expect([first, second, third].flatMap((each) => idsOf(each))).toEqual(whole);
      expect(idsOf(await service.get(path))).not.toEqual(idsOf(first));
      await root.folder.segue(['publish', root.first]);
      await vi.waitFor(async () =>
        expect((await service.get('/v1')).body.roots[0].snapshot).toBe(root.first),
      );
    },
  );

  it('is kept for five minutes, then it is gone, with how to begin again', async () => {
    const issuedMs = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: issuedMs });
    const first = await service.get(`/v1/items?k=5`);
    vi.setSystemTime(issuedMs + 299_000);
    const second = await service.get(nextOf(first)!);
    expect(second.status).toBe(200);
    vi.setSystemTime(issuedMs + 301_000);
    expect(await service.get(nextOf(first)!)).toMatchObject({
      status: 410,
      body: { code: 'page-gone', suggestions: ['begin again: ask for the first page, without the cursor'] },
    });
    // Each page keeps the list for the next.
    expect((await service.get(nextOf(second)!)).status).toBe(200);
  });

  it('keeps its snapshot from collectors until nobody can go on with it', async () => {
    const { folder, first, second, root: directory } = await makeReaderRoot();
    const train = ['train', 'plays.csv', '--items', 'items.csv', '--threads', '1'];
    await folder.segue([...train, '--epochs', '1', '--factors', '4']);
    await folder.segue(['publish', 'latest']);
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    const options = { root: directory, as: undefined, workers: 0 };
    const quiet = { onChange: () => undefined, onFailure: () => undefined };
    const served = await ServedRoot.open({ ...options, ...quiet }, context);
    const why = async (): Promise<string[]> =>
      (await folder.json(['gc', '--keep', '0', '--dry-run']))[0]!['snapshots'].find(
        ({ snapshot }: any) => snapshot === second,
      ).why;
    expect(await why()).not.toContain('leased');
    expect(served.keepForPages(second, 1000)).toBe(301_000);
    await vi.waitFor(async () => expect(await why()).toContain('leased'));
    served.keepForPages(first, 301_000);
    expect(await why()).toContain('leased');
    served.keepForPages(first, 301_001);
    await vi.waitFor(async () => expect(await why()).not.toContain('leased'));
    await served.close();
    folder.remove();
  });

  it('is gone when its user was forgotten, and when one of many was', async () => {
    await play('pat', idOf(1));
    const own = await service.get('/v1/recommend/pat?k=3');
    const near = await service.get(`/v1/similar?item=${idOf(2)}&for=pat&k=3`);
    const others = await service.get(`/v1/recommend/${user}?k=3`);
    const items = await service.get('/v1/items?k=3');
    const users = await service.get('/v1/listeners?k=3');
    const audience = await service.get(`/v1/audience?item=${idOf(1)}&k=3`);
    const statuses = async (): Promise<number[]> => {
      const all = [own, near, others, items, users, audience];
      return Promise.all(all.map(async (each) => (await service.get(nextOf(each)!)).status));
    };
    expect(await statuses()).toEqual([200, 200, 200, 200, 200, 200]);
    await root.folder.segue(['feedback', 'forget', 'pat']);
    expect(await statuses()).toEqual([410, 410, 200, 200, 410, 410]);
  });

  it('of what is ranked anew goes to 10,000, and says so there', async () => {
    const first = await service.get('/v1/similar?item=song-1&k=3');
    const far = nextOf(first)!.replace(/(cursor=[0-9a-f]{16}-)3-/, '$19998-');
    const end = await service.get(far);
    expect([end.status, end.body.neighbours, end.headers.get('segue-cut')]).toEqual([200, [], null]);
    const ask = vi.spyOn(
      queryRoutes.find(({ operation }) => operation === 'similar')!,
      'ask',
    );
    const neighbours = Array.from({ length: 10_000 }, (_, at) => ({
      ...{ rank: at + 1, id: `${at}`, name: `${at}`, similarity: 1 },
    }));
    ask.mockResolvedValue({ schema: 'similar', body: { ...end.body, neighbours } });
    const last = await service.get(far);
    expect(ask.mock.calls[0]![3]).toMatchObject({ k: 10_000 });
    expect(idsOf(last, 'neighbours')).toEqual(['9998', '9999']);
    expect([nextOf(last), last.headers.get('segue-cut')]).toEqual([undefined, '10000']);
  });
});

describe('lines', () => {
  it('are the whole list, with the ranks of its pages', async () => {
    const all = await lines('/v1/items');
    expect(all.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(all.headers.get('segue-snapshot')).toBe(root.first);
    expect(rowsOf(all)).toEqual((await service.get('/v1/items?k=1000')).body.items);
    expect(rowsOf(all)).toHaveLength(numItems + 1);
    const pages: any[] = [];
    let next: string | undefined = '/v1/items?k=25&q=song';
    while (next !== undefined) {
      const page: Answer = await service.get(next);
      pages.push(...page.body.items);
      next = nextOf(page);
    }
    expect(rowsOf(await lines('/v1/items?q=song'))).toEqual(pages);
    expect(pages.map(({ rank }) => rank)).toEqual(pages.map((_, at) => at + 1));
    const users = (await service.get('/v1/listeners?k=1000')).body.users;
    for (const path of ['/v1/users', '/v1/listeners']) expect(rowsOf(await lines(path))).toEqual(users);
    expect((await service.get('/v1/users?k=2')).body).toEqual((await service.get('/v1/listeners?k=2')).body);
    expect(rowsOf(await lines('/v1/users?fields=id&k=2'))).toEqual(
      users.slice(0, 2).map(({ id }: any) => ({ id })),
    );
  });

  it('are refused as every answer is, before the first', async () => {
    expect(await lines('/v1/items?kind=label')).toMatchObject({
      status: 422,
      body: { code: 'missing-part' },
    });
  });

  it('are read as they are wanted, and let go of when nobody wants them', async () => {
    const ask = vi.spyOn(
      queryRoutes.find(({ operation }) => operation === 'items')!,
      'ask',
    );
    const items = Array.from({ length: 1000 }, () => ({ id: 'x'.repeat(1000) }));
    ask.mockImplementation(() => Promise.resolve({ schema: 'items', body: { items } }));
    const hold = vi.spyOn(ServedRoot.prototype, 'hold');
    const request = get(`${service.url}/v1/items`, { headers: { accept: 'application/x-ndjson' } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const release = vi.spyOn(await (hold.mock.results[0]!.value as Promise<HeldReader>), 'release');
    // What nobody reads is not made: some megabytes are on their way.
    let before = -1;
    await vi.waitFor(
      () => {
        const now = ask.mock.calls.length;
        const isStill = now === before;
        before = now;
        expect(isStill).toBe(true);
      },
      { interval: 200, timeout: 900_000 },
    );
    expect(before).toBeLessThan(40);
    expect(ask.mock.calls.map(([, , , { from }]) => from)).toEqual(ask.mock.calls.map((_, at) => at * 1000));
    expect(release).not.toHaveBeenCalled();
    response.destroy();
    await vi.waitFor(() => expect(release).toHaveBeenCalledOnce());
    expect(ask.mock.calls.length).toBeLessThan(before + 2);
  });

  it('end without an end where they cannot go on', async () => {
    const ask = vi.spyOn(
      queryRoutes.find(({ operation }) => operation === 'items')!,
      'ask',
    );
    const items = Array.from({ length: 1000 }, (_, at) => ({ id: `${at}` }));
    ask.mockResolvedValueOnce({ schema: 'items', body: { items } }).mockRejectedValue(new Error('no more'));
    await expect(lines('/v1/items')).rejects.toThrow('terminated');
  });
});
