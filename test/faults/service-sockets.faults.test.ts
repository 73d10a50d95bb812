/** A thousand connections that ask nothing: the service answers others meanwhile, and has no more open files afterwards. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { spawnService } from '../helpers/service.js';
import { classicRock, makeFolder, type Folder } from '../helpers/trained-root.js';

let folder: Folder;
beforeAll(async () => {
  folder = makeFolder();
  await folder.segue([
    ...['train', classicRock.plays, '--items', classicRock.items, '--factors', '4', '--epochs', '1'],
  ]);
});
afterAll(() => folder.remove());

it('serves beside 1,000 idle connections, and gives their descriptors back', async () => {
  const service = await spawnService(join(folder.path, 'root'), ['--log-level', 'silent']);
  const path = '/v1/similar?item=Plush&k=3';
  const openFiles = (): number => readdirSync(`/proc/${service.pid}/fd`).length;
  const { text } = await service.get(path);
  const before = openFiles();
  const { port } = new URL(service.url);
  const sockets: Socket[] = [];
  const opened = async (): Promise<void> => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined).resume();
    await once(socket, 'connect');
    sockets.push(socket);
  };
  for (let at = 0; at < 1000; at += 50) await Promise.all(Array.from({ length: 50 }, opened));
  while (openFiles() < before + 1000) await setTimeout(20);
  // Some have begun a request, and say no more.
  for (const socket of sockets.slice(0, 100)) socket.write('GET /v1/items HTTP/1.1\r\nhost: local');
  const answers = await Promise.all(Array.from({ length: 50 }, () => service.get(path)));
  for (const answer of answers) expect([answer.status, answer.text]).toEqual([200, text]);
  // Whoever sends no head for 5 s is closed by the service, without a word where nothing was sent.
  while (sockets.some(({ destroyed }) => !destroyed)) await setTimeout(100);
  while (openFiles() > before + 60) await setTimeout(100);
  expect((await service.get(path)).text).toBe(text);
  expect(await service.end('SIGTERM')).toBe(0);
});
