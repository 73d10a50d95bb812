/** `segue serve` as a shell runs it: started, asked, told to stop, killed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { classicRock, makeFolder, type Folder } from '../helpers/trained-root.js';
import { spawnService } from '../helpers/service.js';

let folder: Folder;
let root: string;
beforeAll(async () => {
  folder = makeFolder();
  root = join(folder.path, 'root');
  const train = ['train', classicRock.plays, '--items', classicRock.items, '--factors', '8'];
  await folder.segue([...train, '--epochs', '1']);
  await folder.segue(['publish']);
});
afterAll(() => {
  folder.remove();
});

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: what is asked before has its answer, and it ends with 0',
  async (signal) => {
    const service = await spawnService(root);
    const queries = Array.from({ length: 100 }, () => ({ like: ['Plush'], k: 50, explain: true }));
    const asked = Array.from({ length: 8 }, () => service.post('/v1/recommend', { queries }));
    // Those are under way.
    while (!/^segue_requests_in_flight [1-9]/m.test((await service.get('/metrics')).text));
    const ended = service.end(signal);
    for (const { status, body } of await Promise.all(asked))
      expect([status, status === 200 ? body.answers.length : body.code]).toEqual(
        status === 200 ? [200, 100] : [503, 'terminated'],
      );
    expect(await ended).toBe(0);
  },
);

it('a port that is taken is said, with exit code 5', async () => {
  const service = await spawnService(root);
  const { port } = new URL(service.url);
  await expect(spawnService(root, ['--port', port])).rejects.toThrow(
    /ended with 5: .*another program listens/s,
  );
  await service.end('SIGTERM');
});

it('what was acknowledged is there after kill -9', async () => {
  const service = await spawnService(root);
  const acknowledged: string[] = [];
  const send = async (sender: number): Promise<void> => {
    for (let at = 0; ; at++) {
      const id = `${sender}-${at}`;
      const event = { user: `u${sender}`, item: 'nirvana-come-as-you-are', id };
      const answer = await service.post('/v1/events', event).catch(() => undefined);
      if (answer?.status !== 200) return;
      acknowledged.push(id);
    }
  };
  const sending = Array.from({ length: 4 }, (_, sender) => send(sender));
  while (acknowledged.length < 50) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await service.end('SIGKILL')).toBe('SIGKILL');
  await Promise.all(sending);
  const again = await spawnService(root);
  const kept = await Promise.all(
    Array.from({ length: 4 }, async (_, sender) => {
      const [list] = await folder.json(['feedback', 'list', `u${sender}`, '-k', '100000']);
      return (list!['entries'] as { id: string }[]).map(({ id }) => id);
    }),
  );
  expect(new Set(kept.flat()).size).toBe(kept.flat().length);
  expect(acknowledged.filter((id) => !kept.flat().includes(id))).toEqual([]);
  expect((await again.get('/v1/recommend/u0?k=1')).status).toBe(200);
  await again.end('SIGTERM');
});

it('the log names routes, and nobody', async () => {
  const logFile = join(folder.path, 'log');
  const service = await spawnService(root, ['--log-file', logFile]);
  await service.get('/v1/recommend/secret-user?like=Plush');
  await service.post('/v1/events', { user: 'secret-user', item: 'secret-item' });
  await service.end('SIGTERM');
  const text = readFileSync(logFile, 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    { method: 'GET', route: '/v1/recommend/:user', status: 404, ms: expect.any(Number) },
    { method: 'POST', route: '/v1/events', status: 200 },
  ]);
  expect(text).not.toMatch(/secret|Plush|Bearer/);
  expect(text).not.toContain(service.token);
});
