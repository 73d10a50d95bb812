/** `segue serve` as a shell runs it: started, asked, told to stop, killed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { inFullTest, inSmokeTest } from '../helpers/full-tests.js';
import { makeRockRoot } from '../helpers/rock-root.js';
import type { Folder } from '../helpers/trained-root.js';
import { spawnService, startService } from '../helpers/service.js';

let folder: Folder;
let root: string;
beforeAll(async () => {
  folder = await makeRockRoot();
  root = join(folder.path, 'root');
});
afterAll(() => folder.remove());

for (const [signal, test] of [
  ['SIGTERM', inSmokeTest()],
  ['SIGINT', inFullTest()],
] as const) {
  test(`${signal}: what is asked before has its answer, and it ends with 0`, async () => {
    const service = await spawnService(root, ['--workers', '1']);
    const queries = Array.from({ length: 20 }, () => ({ like: ['Plush'], k: 50, explain: true }));
    const asked = Array.from({ length: 3 }, () => service.post('/v1/recommend', { queries }));
    // Those are under way.
    while (!/^segue_requests_in_flight [1-9]/m.test((await service.get('/metrics')).text));
    const ended = service.end(signal);
    for (const { status, body } of await Promise.all(asked))
      expect([status, status === 200 ? body.answers.length : body.code]).toEqual(
        status === 200 ? [200, 20] : [503, 'terminated'],
      );
    expect(await ended).toBe(0);
  });
}

inSmokeTest()(
  'SIGHUP has the tokens read again, and a reader of stderr that stopped holds up nothing',
  async () => {
    const tokenFile = join(folder.path, 'tokens');
    const [before, after] = ['before'.repeat(3), 'after'.repeat(4)];
    writeFileSync(tokenFile, before);
    const flags = ['--workers', '0', '--require-token', '--token-file', tokenFile];
    const service = await spawnService(root, flags, { readsStderr: false });
    const status = async (token: string): Promise<number> =>
      (await service.get('/v1', { authorization: `Bearer ${token}` })).status;
    // A pipe has room for 64 KiB: that is less than 600 lines.
    const asked = Array.from({ length: 650 }, () => status(before));
    expect(new Set(await Promise.all(asked))).toEqual(new Set([200]));
    writeFileSync(tokenFile, after);
    process.kill(service.pid, 'SIGHUP');
    while ((await status(after)) !== 200);
    expect(await status(before)).toBe(401);
    expect(await service.end('SIGTERM')).toBe(0);
  },
);

inSmokeTest()('a port that is taken is said, with exit code 5', async () => {
  const service = await startService([root], { workers: 0 });
  const { port } = new URL(service.url);
  await expect(startService([root], { workers: 0, port: Number(port) })).rejects.toMatchObject({
    exitCode: 5,
    message: expect.stringContaining('another program listens'),
  });
  await service.close();
});

inFullTest()('what was acknowledged is there after kill -9', async () => {
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
