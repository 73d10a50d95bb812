import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SegueClient, SegueProblem, ServiceUnreachable, SnapshotGone } from '#dist/client/client.js';
import { routes } from '#dist/client/openapi.js';
import { isAsDescribed, operations } from '../helpers/described.js';
import { idOf, makeReaderRoot, numItems, type ReaderRoot } from '../helpers/reader-root.js';
import { cleanEnv } from '../helpers/run-segue.js';
import { startService, type Service } from '../helpers/service.js';

let root: ReaderRoot;
let service: Service;
let client: SegueClient;
beforeAll(async () => {
  root = await makeReaderRoot();
  service = await startService([root.root], { workers: 0 });
  client = new SegueClient({ url: service.url, token: service.token, timeoutMs: 300_000 });
});
afterAll(async () => {
  await service.close();
  root.folder.remove();
});
/** After whatever published another one. */
async function publishFirst(): Promise<void> {
  await root.folder.segue(['publish', root.first]);
  await client.items({ minEpoch: await newestEpoch() });
}

async function newestEpoch(): Promise<number> {
  const [history] = await root.folder.json(['snapshots', 'history']);
  return history!['changes'][0].seq as number;
}

const item = idOf(0);
const user = 'user-0';
const calls: Readonly<Record<string, (from: SegueClient) => Promise<unknown>>> = {
  similar: (from) => from.similar({ item: [item, idOf(1)], k: 3, maxPerArtist: 1 }),
  similarMany: (from) => from.similarMany({ queries: [{ item: [item], k: 2 }, { item: ['nothing'] }] }),
  recommendToUser: (from) => from.recommendToUser({ user, explain: true, k: 2 }),
  recommend: (from) => from.recommend({ like: item, recipe: 'discover' }),
  recommendMany: (from) =>
    from.recommendMany({ queries: [{ user }, { like: [item] }, { user, recipe: 'discover' }] }),
  listener: (from) => from.listener({ user }),
  listenerMany: (from) => from.listenerMany({ queries: [{ user }, { user: 'nobody' }] }),
  listenerVector: (from) => from.listenerVector({ user }),
  audience: (from) => from.audience({ item, k: 3 }),
  audienceMany: (from) => from.audienceMany({ queries: [{ item }] }),
  items: (from) => from.items({ q: 'title', k: 3 }),
  item: (from) => from.item({ item: 'Title 3' }),
  itemMany: (from) => from.itemMany({ queries: [{ item }, { item: 'nothing' }] }),
  listeners: (from) => from.listeners({ prefix: 'user-' }),
  recipes: (from) => from.recipes(),
  map: (from) => from.map(),
  mapItems: (from) => from.mapItems({ rows: '0,1', item: ['Title 3'] }),
  snapshots: (from) => from.snapshots(),
  health: (from) => from.health(),
  ready: (from) => from.ready(),
  served: (from) => from.served(),
  feedback: (from) => from.feedback({ feedback: [{ user: 'new', item: 'Title 4', type: 'like' }] }),
  events: (from) => from.events({ events: [{ user: 'new', item: idOf(2) }, { user: 'new' }] }),
  async undoFeedback(from) {
    await from.feedback({ feedback: [{ user: 'new', item: 'Title 5', type: 'like', id: 'a like/1' }] });
    return from.undoFeedback({ entry: 'a like/1' });
  },
  hideItem: (from) => from.hideItem({ item: 'Title 6' }),
  unhideItem: (from) => from.unhideItem({ item: 'Title 6' }),
  forgetUser: (from) => from.forgetUser({ user: 'new' }),
};

describe('every operation', () => {
  it.each(Object.keys(calls))('answers %s as the document says', async (name) => {
    const answer = await calls[name]!(client);
    // A map may be under way.
    const status = name === 'map' && !(answer instanceof ArrayBuffer) ? 202 : 200;
    expect(isAsDescribed(name, answer, status)).toBe(true);
  });

  it('is asked here', () => {
    const ids = operations.map(({ operationId }) => String(operationId));
    expect(Object.keys(calls).sort()).toEqual(ids.sort());
  });
});

/** Asks what it is given as JSON, a method and its arguments each, and prints the answers. */
const inPython = `
import json, sys
from segue_client import SegueClient
url, token, calls = sys.argv[1:]
client = SegueClient(url, token=token)
answers = [getattr(client, name)(**given) for name, given in json.loads(calls)]
print(json.dumps([answer if isinstance(answer, dict) else len(answer) for answer in answers]))
`;

it('every operation is the same in Python', { tags: ['python'] }, async () => {
  const asked: [operation: string, given: object][] = [];
  const noting = new Proxy(client, {
    get:
      (_, operation: string) =>
      (given: object = {}) => {
        asked.push([operation, given]);
      },
  });
  for (const call of Object.values(calls)) await call(noting);
  const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
  const written = asked.map(([operation, given]) => [
    snakeCase(operation),
    Object.fromEntries(Object.entries(given).map(([name, value]) => [snakeCase(name), value])),
  ]);
  const args = ['-c', inPython, service.url, service.token, JSON.stringify(written)];
  const env = cleanEnv({ PYTHONPATH: fileURLToPath(new URL('../../clients/python/src', import.meta.url)) });
  const { stdout } = await promisify(execFile)('python3', args, { env });
  const answers = JSON.parse(stdout) as unknown[];
  for (const [at, [operation]] of asked.entries()) {
    const { method, path } = routes[operation as keyof typeof routes];
    const isWrite = method === 'DELETE' || /feedback|events|hide|forget/.test(path);
    if (operation === 'map') expect(answers[at]).toBeGreaterThan(100);
    else if (isWrite || operation === 'snapshots')
      expect(isAsDescribed(operation, answers[at], 200)).toBe(true);
    else expect(answers[at], operation).toEqual(await calls[operation]!(client));
  }
});

it('the types say what is answered by the model, and what by a recipe', async () => {
  const byModel = await client.recommendToUser({ user, k: 1 });
  const byRecipe = await client.recommendToUser({ user, k: 1, recipe: 'discover' });
  const score: number = byModel.recommendations[0]!.score;
  expect(score).toBeTypeOf('number');
  expect(byRecipe.recipe).toBe('discover');
  // @ts-expect-error: only an answer by a recipe names one
  expect(byModel.recipe).toBeUndefined();
});

describe('a client that holds', () => {
  it('has one snapshot, whatever is published meanwhile', async () => {
    const held = client.hold();
    const before = await held.similar({ item });
    expect(before.snapshot).toBe(root.first);
    await root.folder.segue(['publish', root.second]);
    const current = await client.similar({ item, minEpoch: await newestEpoch() });
    expect(current.snapshot).toBe(root.second);
    expect(await held.similar({ item })).toEqual(before);
    expect((await held.hold().item({ item })).snapshot).toBe(root.second);
    await publishFirst();
  });

  it('is told of a snapshot that is not there', async () => {
    const gone = client.hold('0123456789abcdef').items();
    await expect(gone).rejects.toBeInstanceOf(SnapshotGone);
    await expect(gone).rejects.toMatchObject({ status: 410, code: 'snapshot-not-found' });
  });
});

describe('pages', () => {
  it('have everything once, of one snapshot, and lines have the same', async () => {
    const ids: string[] = [];
    const snapshots = new Set<string>();
    const lines = client.lines('items', {});
    const first = await lines.next();
    for await (const page of client.pages('items', { k: 25 })) {
      ids.push(...page.items.map(({ id }) => id));
      snapshots.add(page.snapshot);
      if (snapshots.size === 1 && ids.length === 25) await root.folder.segue(['publish', root.second]);
    }
    expect([...snapshots]).toEqual([root.first]);
    expect(new Set(ids).size).toBe(ids.length);
    // One of them is of the catalogue only.
    expect(ids).toHaveLength(numItems + 1);
    const lined: string[] = [first.value!.id];
    for await (const { id } of lines) lined.push(id);
    expect(lined).toEqual(ids);
    const few: number[] = [];
    for await (const { events } of client.lines('listeners', { k: 2 })) few.push(events);
    expect(few).toHaveLength(2);
    await expect(client.lines('items', { where: 'nothing = 1' }).next()).rejects.toBeInstanceOf(SegueProblem);
    await publishFirst();
  });

  it('are asked for as they are wanted', async () => {
    const asked: string[] = [];
    const counted = new SegueClient({
      url: service.url,
      fetch: (address, init) => {
        asked.push(new Request(address).url);
        return fetch(address, init);
      },
    });
    for await (const page of counted.pages('similar', { item, k: 5 })) {
      expect(page.neighbours).toHaveLength(5);
      break;
    }
    expect(asked).toHaveLength(1);
  });
});

describe('feedback', () => {
  it('that is sent twice counts once', async () => {
    let lost = 0;
    const flaky = new SegueClient({
      ...{ url: service.url, token: service.token },
      fetch: async (address, init) => {
        const response = await fetch(address, init);
        // The service has kept it; the answer does not arrive.
        if (lost++ === 0) throw new TypeError('terminated');
        return response;
      },
    });
    const { entries } = await flaky.feedback({ feedback: [{ user: 'twice', item, type: 'like' }] });
    expect([lost, entries.map(({ leftOut }) => leftOut)]).toEqual([2, ['repeated']]);
    const [listed] = await root.folder.json(['feedback', 'list', 'twice']);
    expect(listed!['entries']).toHaveLength(1);
  });

  it('needs a token', async () => {
    const none = new SegueClient({ url: service.url });
    const refused = none.feedback({ feedback: [{ user: 'u', item, type: 'like' }] });
    await expect(refused).rejects.toBeInstanceOf(SegueProblem);
    await expect(refused).rejects.toMatchObject({ status: 401, code: 'no-token' });
  });
});

it('several roots are asked by their names', async () => {
  const both = await startService([`one=${root.root}`, `two=${root.root}`], { workers: 0 });
  try {
    const { snapshot } = await new SegueClient({ url: both.url, root: 'two' }).item({ item });
    expect(snapshot).toBe(root.first);
    const other = new SegueClient({ url: both.url, root: 'three' }).item({ item });
    await expect(other).rejects.toBeInstanceOf(SegueProblem);
    expect((await new SegueClient({ url: both.url }).served()).roots.map(({ name }) => name)).toEqual([
      'one',
      'two',
    ]);
  } finally {
    await both.close();
  }
});

it('a service that is not there is said to be that', async () => {
  const nowhere = new SegueClient({ url: 'http://127.0.0.1:9', retries: 1 });
  await expect(nowhere.health()).rejects.toBeInstanceOf(ServiceUnreachable);
  await expect(nowhere.health()).rejects.toMatchObject({ tries: 2 });
});
