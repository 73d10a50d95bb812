/** What is taken back over HTTP: items from everyone, an entry of feedback, a user's whole history. */
import { appendFileSync, chmodSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rights } from '#dist/core/serve/guard.js';
import { HiddenItems } from '#dist/core/snapshot/hidden-items.js';
import { idOf, makeReaderRoot, type ReaderRoot } from '../../helpers/reader-root.js';
import { startService, type Answer, type Service } from '../../helpers/service.js';
import { withoutRights } from '../../helpers/without-rights.js';
import { words } from '../../helpers/words.js';

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

const remove = async (path: string): Promise<Answer> => {
  const headers = { authorization: `Bearer ${service.token}` };
  const response = await fetch(service.url + path, { method: 'DELETE', headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
};

describe('a hidden item', () => {
  const journal = (): string => join(root.root, 'hidden-items.jsonl');

  it('is in no answer, of the service and the commands, until it is back', async () => {
    const paths = words`/v1/similar?item=${idOf(1)}&k=60 /v1/recommend/${user}?k=60
      /v1/recommend/${user}?k=60&recipe=discover /v1/recommend?recipe=popular&k=60
      /v1/recommend/nobody?k=60 /v1/items?k=60 /v1/items?q=title&k=60
      /v1/items?where=released%3E1900&k=60`;
    const commands = [
      ['similar', idOf(1), '-k', '60'],
      ['recommend', user, '-k', '60'],
      ['items', 'title', '-k', '60'],
    ];
    const shown = async (id: string): Promise<string[]> => {
      const texts = await Promise.all(paths.map(async (path) => [path, (await service.get(path)).text]));
      for (const command of commands)
        texts.push([command.join(' '), JSON.stringify(await root.folder.json(command))]);
      return texts.flatMap(([what, text]) => (text!.includes(`"${id}"`) ? [what!] : []));
    };
    const first = (await service.get(`/v1/recommend/${user}?k=1&recipe=discover`)).body.recommendations[0];
    const before = await shown(first.id);
    expect(before).toEqual(expect.arrayContaining(paths));
    const page = await service.get('/v1/items?k=5');
    expect(await service.post(`/v1/items/${encodeURIComponent(first.name)}/hide`, {})).toMatchObject({
      status: 200,
      body: { item: first.id, hidden: true },
    });
    expect(await shown(first.id)).toEqual([]);
    const next = await service.get(/<(.+)>; rel="next"/.exec(page.headers.get('link')!)![1]!);
    expect([next.status, next.body.code]).toEqual([410, 'page-gone']);
    const other = first.id === idOf(2) ? idOf(3) : idOf(2);
    const { flags, ...absence } = (
      await service.get(`/v1/recommend/nobody?like=${other}&why-not=${first.id}&exclude=${other}`)
    ).body.whyNot[0];
    expect([absence.reasons, flags]).toEqual([['hidden'], []]);
    // It can still be looked up, and is hidden for whoever starts now.
    expect((await service.get(`/v1/items/${first.id}`)).body.item.id).toBe(first.id);
    expect((await service.get(`/v1/recommend/${user}?k=60&snapshot=${root.second}`)).text).not.toContain(
      `"${first.id}"`,
    );
    await service.post(`/v1/items/${first.id}/unhide`, {});
    expect(await shown(first.id)).toEqual(before);
    const unknown = await service.post('/v1/items/nothing-like-it/hide', {});
    expect([unknown.status, unknown.body.code]).toEqual([404, 'item-not-found']);
  });

  it('outlives a line that a crash cut short, and damage is said', async () => {
    await service.post(`/v1/items/${idOf(7)}/hide`, {});
    const whole = readFileSync(journal(), 'utf8');
    appendFileSync(journal(), '\n{"item":"song-8","hidd');
    await service.post(`/v1/items/${idOf(9)}/hide`, {});
    const { text } = await service.get('/v1/items?k=100');
    expect([7, 8, 9].map((i) => text.includes(`"${idOf(i)}"`))).toEqual([false, true, false]);
    writeFileSync(journal(), whole.replace('song-7', 'song-6'));
    const { status, body } = await service.get('/v1/items?k=100');
    expect([status, body.code]).toEqual([500, 'damaged-ledger']);
    truncateSync(journal());
    expect((await service.get('/v1/items?k=100')).text).toContain(`"${idOf(7)}"`);
  });

  it('is the failure of whoever may not read which they are, and no bug', async () => {
    await service.post(`/v1/items/${idOf(7)}/hide`, {});
    chmodSync(root.folder.path, 0o755);
    chmodSync(journal(), 0);
    const read = (): unknown => new HiddenItems(root.root).ids();
    await withoutRights(() => expect(read).toThrow(expect.objectContaining({ code: 'permission-denied' })));
    chmodSync(journal(), 0o644);
    await service.post(`/v1/items/${idOf(7)}/unhide`, {});
  });
});

it('an entry of feedback is taken back by its id', async () => {
  const disliked = (await service.get(`/v1/recommend/${user}?k=1`)).body.recommendations[0].id;
  await service.post('/v1/feedback', { user, item: disliked, type: 'ban', id: 'a/b' });
  expect(idsOf(await service.get(`/v1/recommend/${user}?k=60`))).not.toContain(disliked);
  const undone = await remove('/v1/feedback/a%2Fb');
  expect(undone).toMatchObject({ status: 200, body: { undone: { id: 'a/b', user }, holds: null } });
  expect(idsOf(await service.get(`/v1/recommend/${user}?k=60`))).toContain(disliked);
  const again = await remove('/v1/feedback/a%2Fb');
  expect([again.status, again.body.code]).toEqual([404, 'entry-not-found']);
});

describe('a user', () => {
  it('whom nobody knows is not found, without advice that a request cannot follow', async () => {
    const { status, body } = await service.post('/v1/users/nobody-at-all/forget', {});
    expect([status, body.code]).toEqual([404, 'user-not-found']);
    expect(JSON.stringify(body.suggestions)).not.toMatch(/DIR|FILE|state/);
  });

  it('is forgotten, as by the command, and is someone new afterwards', async () => {
    await service.post('/v1/events', { user: 'user-4', item: idOf(1) });
    const { status, body } = await service.post('/v1/users/user-4/forget', {});
    expect([status, body.user, body.entries, body.deleted]).toEqual([200, 'user-4', 1, true]);
    expect(body.snapshots).toContainEqual({ id: root.first, isCurrent: true });
    expect(JSON.stringify(body)).not.toContain(root.folder.path);
    expect((await service.get('/v1/recommend/user-4?strict=true')).status).toBe(404);
    expect((await service.get('/v1/recommend/user-4')).body.unknownUser).toBeDefined();
    expect((await service.get('/v1/listeners?k=1000')).text).not.toContain('"user-4"');
    await service.post('/v1/events', { user: 'user-4', item: idOf(2) });
    expect((await service.get('/v1/recommend/user-4?strict=true')).status).toBe(200);
  });
});

it('each needs its own right', async () => {
  const tokenFile = join(root.folder.path, 'tokens');
  const tokenOf = (right: string): string => `a-token-for-${right}`.padEnd(20, '.');
  writeFileSync(tokenFile, rights.map((right) => `${tokenOf(right)} ${right}\n`).join(''));
  const guarded = await startService([root.root], { workers: 0, tokenFile });
  const asked = [
    ['POST', `/v1/items/${idOf(1)}/hide`],
    ['POST', `/v1/items/${idOf(1)}/unhide`],
    ['DELETE', '/v1/feedback/nothing'],
    ['POST', '/v1/users/nobody-at-all/forget'],
  ] as const;
  const statuses = async (headers: Record<string, string>): Promise<number[]> =>
    Promise.all(
      asked.map(async ([method, path]) => (await fetch(guarded.url + path, { method, headers })).status),
    );
  expect(await statuses({})).toEqual([401, 401, 401, 401]);
  const of: Record<string, number[]> = {};
  for (const right of rights) of[right] = await statuses({ authorization: `Bearer ${tokenOf(right)}` });
  const none = [403, 403, 403, 403];
  expect(of).toEqual({
    ...{ read: none, listeners: none, feedback: [403, 403, 404, 403] },
    ...{ hide: [200, 200, 403, 403], forget: [403, 403, 403, 404] },
  });
  await guarded.close();
});

function idsOf({ body }: Answer): string[] {
  return body.recommendations.map(({ id }: { id: string }) => id);
}
