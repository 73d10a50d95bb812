/** What whoever runs a service relies on: its log, the ids of requests, tokens that are read again, and how it ends. */
import { execFileSync } from 'node:child_process';
import fs, {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { Agent, request } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import { AppError } from '#dist/core/errors.js';
import { openLog } from '#dist/core/serve/log.js';
import { makeRockRoot } from '../../helpers/rock-root.js';
import { startService, type Answer, type Service } from '../../helpers/service.js';
import { mountTmpfs } from '../../helpers/tmpfs.js';
import type { Folder } from '../../helpers/trained-root.js';

let folder: Folder;
let root: string;

beforeAll(async () => {
  folder = await makeRockRoot();
  root = join(folder.path, 'root');
});
afterAll(() => folder.remove());

interface Line {
  readonly dropped?: number;
  readonly err?: { readonly at: number };
  readonly requestId?: string;
  readonly traceId?: string;
}

function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

describe('a log', () => {
  it(
    'that cannot be written ends nothing, and the operator is told once',
    { tags: ['full-device'] },
    async () => {
      const told: Progress[] = [];
      const options = { logFile: '/dev/full', logLevel: 'info', workers: 0 } as const;
      const logging = await startService([root], options, (progress) => {
        if (progress.kind !== 'step') told.push(progress);
      });
      try {
        for (let at = 0; at < 3; at++) expect((await logging.get('/v1/items?k=1')).status).toBe(200);
      } finally {
        await logging.close();
      }
      const message = expect.stringMatching(
        /^the log loses lines: could not write \/dev\/full: no space is left/,
      ) as string;
      expect(told).toEqual([{ kind: 'warning', message }]);
    },
  );

  it(
    'that nobody reads holds up nothing, and says how many lines it dropped where they are missing',
    { tags: ['linux'] },
    async () => {
      const file = join(folder.path, 'fifo');
      execFileSync('mkfifo', [file]);
      const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
      const failures: unknown[] = [];
      const log = openLog({
        level: 'error',
        file,
        details: false,
        onFailure: (error) => failures.push(error),
      });
      const write = (from: number, to: number): void => {
        for (let at = from; at < to; at++) log.failed({ at }, '/v1/items', 'x'.repeat(200));
      };
      write(0, 10_000);
      expect(log.dropped).toBeGreaterThan(0);
      const { dropped } = log;
      let got = '';
      const buffer = Buffer.alloc(1 << 16);
      while (!got.includes('"dropped"')) {
        try {
          got += buffer.toString('utf8', 0, readSync(reader, buffer));
        } catch {
          // It is empty: the log writes again in a moment.
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }
      write(10_000, 10_001);
      await log.close();
      got += buffer.toString('utf8', 0, readSync(reader, buffer));
      closeSync(reader);
      const lines = linesOf(got);
      const kept = 10_000 - dropped;
      expect(lines.map(({ dropped: missing, err }) => missing ?? err!.at)).toEqual([
        ...Array(kept).keys(),
        dropped,
        10_000,
      ]);
      expect(failures).toEqual([]);
    },
  );

  it(
    'whose disk was full goes on when there is room, and counts what is missing',
    { tags: ['mount'] },
    async () => {
      const disk = join(folder.path, 'disk');
      mkdirSync(disk);
      mountTmpfs(disk, 64 << 10);
      try {
        const file = join(disk, 'log');
        const failures: { code: string }[] = [];
        const log = openLog({
          level: 'error',
          file,
          details: false,
          onFailure: (error) => failures.push(error),
        });
        for (let at = 0; at < 6000; at++) log.failed({ at }, '/v1/items', 'x'.repeat(200));
        expect(failures).toMatchObject([{ code: 'disk-full' }]);
        const { dropped } = log;
        expect(dropped).toBeGreaterThan(0);
        execFileSync('mount', ['-o', 'remount,size=16m', disk]);
        const text = (): string => readFileSync(file, 'utf8');
        while (!text().includes('"dropped"')) await new Promise((resolve) => setTimeout(resolve, 50));
        await log.close();
        const lines = linesOf(text());
        expect(lines.map(({ dropped: missing, err }) => missing ?? err!.at)).toEqual([
          ...Array(6000 - dropped).keys(),
          dropped,
        ]);
      } finally {
        execFileSync('umount', [disk]);
      }
    },
  );

  it('is on the disk when the service has ended', async () => {
    const file = join(folder.path, 'synced-log');
    const log = openLog({ level: 'info', file, details: false, onFailure: () => undefined });
    const sync = vi.spyOn(fs, 'fsyncSync');
    syncBuiltinESMExports();
    try {
      log.root('info', undefined, 'a line');
      await log.close();
      expect(sync).toHaveBeenCalledOnce();
    } finally {
      sync.mockRestore();
      syncBuiltinESMExports();
    }
    expect(readFileSync(file, 'utf8')).toMatch(/^{"level":30,.*"msg":"a line"}\n$/);
  });
});

describe('a line of the log', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
  let logFile: string;
  let service: Service;
  beforeAll(async () => {
    logFile = join(folder.path, 'log');
    service = await startService([root], { logFile, logLevel: 'info', workers: 0 });
  });
  afterAll(() => service.close());

  /** Those of what `asks` asks. */
  async function linesFor(wanted: number, asks: () => Promise<unknown>): Promise<Line[]> {
    const before = readFileSync(logFile, 'utf8').length;
    await asks();
    for (;;) {
      const lines = linesOf(readFileSync(logFile, 'utf8').slice(before));
      if (lines.length === wanted) return lines;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('names routes, and nobody', async () => {
    let failed: Answer | undefined;
    const lines = await linesFor(2, async () => {
      failed = await service.get('/v1/recommend/secret-user?like=Plush&strict=true');
      await service.post('/v1/events', { user: 'secret-user', item: 'secret-item' });
    });
    expect(lines).toMatchObject([
      {
        ...{ method: 'GET', route: '/v1/recommend/:user', status: 404, ms: expect.any(Number) },
        requestId: failed!.body.requestId,
      },
      { method: 'POST', route: '/v1/events', status: 200 },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|Plush|Bearer/);
    expect(JSON.stringify(lines)).not.toContain(service.token);
  });

  it.each([
    ['its own id', { 'x-request-id': 'lb:1/a+b=@._-' }, 'lb:1/a+b=@._-'],
    ['its trace', { traceparent }, trace],
    ['its own id before its trace', { traceparent, 'x-request-id': 'a' }, 'a'],
    ['a new id instead of none', {}, undefined],
    ['a new id instead of an empty one', { 'x-request-id': '' }, undefined],
    ['a new id instead of one with spaces', { 'x-request-id': 'a b' }, undefined],
    ['a new id instead of a long one', { 'x-request-id': 'a'.repeat(129) }, undefined],
    [
      'a new id instead of a trace of zeros',
      { traceparent: traceparent.replace(trace, '0'.repeat(32)) },
      undefined,
    ],
    ['a new id instead of half a trace', { traceparent: traceparent.slice(0, -3) }, undefined],
  ])('and the answer of a request have %s', async (_, headers: Record<string, string>, wanted) => {
    let answers: readonly Answer[] = [];
    const lines = await linesFor(3, async () => {
      answers = [
        await service.get('/healthz', headers),
        await service.get('/v1/items/nosuch', headers),
        await service.get('/v1/items/%ff', headers),
      ];
    });
    const ids = answers.map(({ headers: answered }) => answered.get('x-request-id')!);
    expect(answers.slice(1).map(({ body }) => body.requestId as unknown)).toEqual(ids.slice(1));
    expect(lines.map(({ requestId }) => requestId).sort()).toEqual([...ids].sort());
    if (wanted === undefined) expect(new Set(ids).size).toBe(3);
    else expect(ids).toEqual([wanted, wanted, wanted]);
    const isTraced = headers['traceparent'] === traceparent;
    expect(lines.map(({ traceId }) => traceId)).toEqual(lines.map(() => (isTraced ? trace : undefined)));
  });

  it('and the answer of what is no request have an id too', async () => {
    let answer = '';
    const lines = await linesFor(1, async () => {
      const socket = connect(service.serving.port, '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
      answer = await textOf(socket);
    });
    const [head, body] = answer.split('\r\n\r\n');
    const { requestId } = JSON.parse(body!) as { requestId: string };
    expect(head).toContain(`x-request-id: ${requestId}`);
    expect(lines).toMatchObject([{ requestId, status: 400, code: 'bad-request' }]);
  });
});

it('tokens are read again when the service is asked to; a wrong file changes nothing, and is reported', async () => {
  const tokenFile = join(folder.path, 'tokens');
  const [before, after] = ['before'.repeat(3), 'after'.repeat(4)];
  writeFileSync(tokenFile, before);
  let readAgain = (): void => undefined;
  const told: Progress[] = [];
  const service = await startService(
    [root],
    { tokenFile, requireToken: true, workers: 0, onHangUp: (read) => (readAgain = read) },
    (progress) => told.push(progress),
  );
  const statuses = async (): Promise<number[]> =>
    Promise.all(
      [before, after].map(
        async (token) => (await service.get('/v1', { authorization: `Bearer ${token}` })).status,
      ),
    );
  expect(await statuses()).toEqual([200, 401]);
  writeFileSync(tokenFile, after);
  expect(await statuses()).toEqual([200, 401]);
  readAgain();
  expect(await statuses()).toEqual([401, 200]);
  expect(told.filter(({ kind }) => kind !== 'step')).toEqual([]);
  writeFileSync(tokenFile, `${before} write`);
  readAgain();
  expect(await statuses()).toEqual([401, 200]);
  expect(told.filter(({ kind }) => kind !== 'step')).toMatchObject([
    {
      message: expect.stringMatching(
        /^the tokens could not be read again, and those before hold: .*"write" is no right/,
      ),
    },
  ]);
  await service.close();
});

describe('a service that is told to end', () => {
  const terminated = new AppError('terminated', 'terminated');
  /** On one connection that stays open, if the service lets it. */
  const ask = (
    agent: Agent,
    url: string,
  ): Promise<{ status: number; connection: string | undefined; body: string }> =>
    new Promise((resolve, reject) => {
      request(url, { agent }, (response) => {
        textOf(response).then(
          (body) => resolve({ status: response.statusCode!, connection: response.headers.connection, body }),
          reject,
        );
      })
        .on('error', reject)
        .end();
    });

  it('goes on answering, without keeping connections, and ends when nobody comes', async () => {
    const service = await startService([root], { drain: '10m', workers: 0 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { url } = service;
    const open = connect(service.serving.port, '127.0.0.1');
    expect(await ask(agent, `${url}/v1/items?k=1`)).toMatchObject({ status: 200, connection: 'keep-alive' });
    const ended = service.close(terminated);
    await new Promise((resolve) => setTimeout(resolve, 20));
    // On the connection of before, which ends with the answer; then on new ones.
    expect(await ask(agent, `${url}/v1/items?k=1`)).toMatchObject({ status: 200, connection: 'close' });
    expect(await ask(agent, `${url}/readyz`)).toMatchObject({
      status: 503,
      connection: 'close',
      body: expect.stringContaining('"draining"'),
    });
    expect(await ask(agent, `${url}/v1/items/nosuch`)).toMatchObject({ status: 404, connection: 'close' });
    expect(await ask(agent, `${url}/v1/items/%ff`)).toMatchObject({ status: 400, connection: 'close' });
    // Longer than it waits for someone to come, while one is there who may still ask.
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(await ask(agent, `${url}/healthz`)).toMatchObject({ status: 200, connection: 'close' });
    open.destroy();
    await ended;
    await expect(ask(agent, `${url}/healthz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    agent.destroy();
  });

  it('ends after the time of `drain` though a connection is open', async () => {
    const service = await startService([root], { drain: '0.5s', workers: 0 });
    const socket = connect(service.serving.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    await service.close(terminated);
    await textOf(socket);
  });

  it.each([
    ['Ctrl-C', '10m', new AppError('interrupted', 'interrupted')],
    ['no time to drain', '0s', terminated],
  ])('refuses at once after %s', async (_, drain, reason) => {
    const service = await startService([root], { drain, workers: 0 });
    const ended = service.close(reason);
    const answer = await service.get('/v1/items?k=1');
    expect([answer.status, answer.body.code, answer.headers.get('connection')]).toEqual([
      503,
      'terminated',
      'close',
    ]);
    await ended;
  });

  it('has no drain that is no time', async () => {
    await expect(startService([root], { drain: 'soon' })).rejects.toThrow(
      '`drain` "soon": wanted a time such as',
    );
  });
});
