/** The balancer's configuration of docs/reference/serve.md: two services that are restarted in turn while requests go on. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isNightly } from '../helpers/full-tests.js';
import { makeRockRoot } from '../helpers/rock-root.js';
import { spawnService, type ServiceProcess } from '../helpers/service.js';
import type { Folder } from '../helpers/trained-root.js';

const restarts = isNightly ? 20 : 2;
const callers = 8;
const pauseMs = 20;
const token = 'a-token-of-the-test';

let folder: Folder;
let root: string;
let haproxy: ChildProcess;
let ports: number[];
beforeAll(async () => {
  folder = await makeRockRoot();
  root = join(folder.path, 'root');
  writeFileSync(join(folder.path, 'tokens'), token);
  ports = await Promise.all([freePort(), freePort(), freePort()]);
  const docs = readFileSync(new URL('../../docs/reference/serve.md', import.meta.url), 'utf8');
  const [, config] = /```haproxy\n([^]*?)```/.exec(docs)!;
  const [balancer, one, two] = ports.map(String);
  const own = config!
    .replace(':7340', `127.0.0.1:${balancer!}`)
    .replace('segue-1:7341', `127.0.0.1:${one!}`)
    .replace('segue-2:7341', `127.0.0.1:${two!}`)
    .replace('music.internal', 'localhost');
  const path = join(folder.path, 'haproxy.cfg');
  writeFileSync(path, `global\n  stats socket ${join(folder.path, 'stats')}\n\n${own}`);
  haproxy = spawn('haproxy', ['-db', '-f', path], { stdio: 'ignore' });
});
afterAll(async () => {
  haproxy.kill('SIGKILL');
  await once(haproxy, 'exit');
  folder.remove();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Until the balancer sends requests to it. */
async function isUp(server: 'one' | 'two'): Promise<void> {
  for (;;) {
    const socket = connect(join(folder.path, 'stats')).on('error', () => undefined);
    socket.end('show stat\n');
    const stats = await text(socket).catch(() => '');
    if (new RegExp(`^segue,${server},.*,UP,`, 'm').test(stats)) return;
    await setTimeout(50);
  }
}

function start(at: number, drain: readonly string[]): Promise<ServiceProcess> {
  const tokens = ['--token-file', join(folder.path, 'tokens')];
  return spawnService(root, [
    ...['--port', String(ports[at]), '--workers', '1', '--log-level', 'error', ...tokens, ...drain],
  ]);
}

/** Asks, and keeps, on connections that stay open, until it is told to stop: what came that is no answer. */
function load(): { stop(): Promise<{ asked: number; failed: string[] }> } {
  let isStopped = false;
  let asked = 0;
  const failed: string[] = [];
  const ask = async (agent: Agent, body?: string): Promise<string> =>
    new Promise((resolve) => {
      const path = body === undefined ? '/v1/similar?item=Plush&k=3' : '/v1/events';
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const method = body === undefined ? 'GET' : 'POST';
      request({ agent, port: ports[0], host: '127.0.0.1', path, method, headers }, (response) => {
        text(response).then(
          (said) => resolve(response.statusCode === 200 ? '' : `${response.statusCode} ${said}`),
          (error: unknown) => resolve(String(error)),
        );
      })
        .on('error', (error) => resolve(String(error)))
        .end(body);
    });
  const calling = Array.from({ length: callers }, async (_, caller) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!isStopped) {
      await setTimeout(pauseMs);
      // Every fourth writes, which no balancer may send twice.
      const event = { user: 'ann', item: 'nirvana-come-as-you-are', id: `${caller}-${asked}` };
      const failure = await ask(agent, caller % 4 === 0 ? JSON.stringify(event) : undefined);
      asked += 1;
      if (failure !== '') failed.push(failure);
    }
    agent.destroy();
  });
  return {
    async stop() {
      isStopped = true;
      await Promise.all(calling);
      return { asked, failed };
    },
  };
}

async function restartUnderLoad(
  times: number,
  drain: readonly string[],
): Promise<{ asked: number; failed: string[] }> {
  const services = await Promise.all([start(1, drain), start(2, drain)]);
  await Promise.all([isUp('one'), isUp('two')]);
  const loaded = load();
  for (let time = 0; time < times; time++) {
    const at = time % 2;
    expect(await services[at]!.end('SIGTERM')).toBe(0);
    services[at] = await start(at + 1, drain);
    await isUp(at === 0 ? 'one' : 'two');
  }
  const done = await loaded.stop();
  await Promise.all(services.map((service) => service.end('SIGINT')));
  return done;
}

describe('a service behind HAProxy', { tags: ['haproxy'] }, () => {
  it('that does not go on answering while the balancer notices lets requests fail', async () => {
    const { failed } = await restartUnderLoad(1, ['--drain', '0s']);
    expect(failed.length).toBeGreaterThan(0);
  });

  it(`is restarted ${restarts} times, and no request fails`, async () => {
    const { asked, failed } = await restartUnderLoad(restarts, ['--drain', '10s']);
    expect([...new Set(failed)]).toEqual([]);
    expect(asked).toBeGreaterThan(100 * restarts);
  });
});
