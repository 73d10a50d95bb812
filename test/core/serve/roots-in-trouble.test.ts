/** A service whose root is taken away, is another one, has a damaged ledger, or is collected while it is asked. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder, type Folder } from '../../helpers/trained-root.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA } from '../../helpers/snapshots.js';
import { startService, type Answer, type Service } from '../../helpers/service.js';
import { words } from '../../helpers/words.js';

const liked = { user: 'ann', item: 'Plush', type: 'like' };
const paths = words`/v1/similar?item=Plush&k=3 /v1/recommend?like=Plush /v1/listeners /v1/snapshots
  /v1/recipes`;

let folder: Folder;
let root: string;
const train = ['train', 'plays.csv', '--items', 'items.csv', '--factors', '4', '--threads', '1'];
beforeAll(async () => {
  folder = makeFolder();
  const songs = ['Plush', 'Lola', 'Creep', 'Legs', 'Jump', 'Layla', 'Kashmir', 'Barracuda'];
  writeFileSync(
    join(folder.path, 'items.csv'),
    `id,name\n${songs.map((name) => `${name},${name}`).join('\n')}\n`,
  );
  const plays = songs.flatMap((song, at) => [0, 1, 2].map((more) => `u${(at + more) % 6},${song}`));
  writeFileSync(join(folder.path, 'plays.csv'), `user,item\n${plays.join('\n')}\n`);
  root = join(folder.path, 'root');
  await folder.segue([...train, '--epochs', '1', '--tag', 'one']);
  await folder.segue(['publish']);
});
afterAll(() => folder.remove());

let service: Service;
beforeAll(async () => {
  service = await startService([root], { workers: 0 });
});
afterAll(() => service.close());

const ready = async (): Promise<unknown[]> => {
  const { status, body } = await service.get('/readyz');
  return [status, body.status, body.problems];
};
/** Status and code of everything that can be asked. */
const all = async (): Promise<Set<string>> => {
  const answers = await Promise.all(paths.map((path) => service.get(path)));
  const kept = await service.post('/v1/feedback', liked);
  for (const { text } of [...answers, kept]) expect(text).not.toContain(folder.path);
  return new Set([...answers, kept].map(({ status, body }) => `${status} ${body.code ?? ''}`));
};

describe('a root', () => {
  it('that is gone answers 503 and is not ready, until it is back', async () => {
    const away = join(folder.path, 'away');
    expect(await all()).toEqual(new Set(['200 ']));
    renameSync(root, away);
    try {
      expect(await all()).toEqual(new Set(['503 root-gone']));
      expect(await ready()).toEqual([503, 'not-ready', ['root-gone']]);
      expect((await service.get('/healthz')).status).toBe(200);
      expect((await service.get('/metrics')).text).toMatch(/^segue_refused_total\{code="root-gone"\} \d/m);
      expect(existsSync(root)).toBe(false);
      // Another one in its place is not what was opened.
      mkdirSync(root);
      expect(await all()).toEqual(new Set(['503 root-gone']));
      expect(await ready()).toEqual([503, 'not-ready', ['root-gone']]);
      expect(readdirSync(root)).toEqual([]);
    } finally {
      rmSync(root, { recursive: true, force: true });
      renameSync(away, root);
    }
    expect(await ready()).toEqual([200, 'ready', []]);
    expect(await all()).toEqual(new Set(['200 ']));
  });

  it('that is one of several leaves the others ready', async () => {
    const other = makeFolder();
    await makeSmallSnapshot(join(other.path, 'root'), idA, {
      items: [
        ['jazz-one', 1, 0],
        ['jazz-two', 0, 1],
      ],
    });
    const both = await startService([`rock=${root}`, `jazz=${join(other.path, 'root')}`], { workers: 0 });
    try {
      renameSync(join(other.path, 'root'), join(other.path, 'away'));
      expect((await both.get('/v1/jazz/items')).body.code).toBe('root-gone');
      expect((await both.get('/v1/rock/items')).status).toBe(200);
      for (const path of ['items', 'snapshots', 'items/Plush']) {
        const unknown = await both.get(`/v1/blues/${path}`);
        expect([unknown.status, unknown.body.code], path).toEqual([404, 'no-such-root']);
      }
      const { status, body } = await both.get('/readyz');
      expect([status, body]).toEqual([200, { status: 'ready', problems: ['root-gone'] }]);
      renameSync(join(other.path, 'away'), join(other.path, 'root'));
    } finally {
      await both.close();
      other.remove();
    }
  });
});

it('a collector takes nothing that is asked, and what it took is gone for a cursor', async () => {
  for (const [epochs, tag] of [
    ['2', 'two'],
    ['3', 'three'],
  ] as const) {
    await folder.segue([...train, '--epochs', epochs, '--tag', tag]);
    await folder.segue(['publish', tag]);
  }
  const first = await service.get('/v1/similar?item=Plush&k=3&min-events=0&snapshot=one');
  const one = first.headers.get('segue-snapshot')!;
  const [, next] = /<(.+)>; rel="next"/.exec(first.headers.get('link')!)!;
  await folder.segue(['snapshots', 'untag', 'one']);
  const collect = async (): Promise<any[]> => (await folder.json(['gc', '--keep', '0']))[0]!['snapshots'];
  expect(await collect()).toContainEqual(
    expect.objectContaining({ snapshot: one, collected: false, why: ['leased'] }),
  );
  // It is open still, and its files are there for whatever is first read now.
  const second = await service.get(next!);
  expect([second.status, second.headers.get('segue-snapshot')]).toEqual([200, one]);
  expect((await service.get(`/v1/items/Lola?snapshot=${one}`)).status).toBe(200);
  await service.close();
  service = await startService([root], { workers: 0 });
  expect(await collect()).toContainEqual(expect.objectContaining({ snapshot: one, collected: true }));
  for (const path of [next!, `/v1/items?snapshot=${one}`]) {
    const { status, body } = await service.get(path);
    expect([status, body.code], path).toEqual([410, 'snapshot-not-found']);
  }
});

describe('a ledger', () => {
  const directory = (): string => join(root, 'feedback');
  const inJournal = (change: (bytes: Buffer) => Buffer): (() => void) => {
    return () => {
      const path = join(directory(), 'journal-1');
      writeFileSync(path, change(readFileSync(path)));
    };
  };
  const cut = inJournal((bytes) => bytes.subarray(0, 20));
  const remove = (name: string) => (): void => {
    rmSync(join(directory(), name));
  };
  // What damage is found is remembered.
  beforeEach(async () => {
    await service.close();
    service = await startService([root], { workers: 0 });
    rmSync(directory(), { recursive: true, force: true });
    for (const item of ['Creep', 'Plush'])
      await folder.segue(['feedback', 'add', 'ann', item, '--type', 'like']);
  });

  /** Status, code, and what is said. */
  const asked = async (what: Promise<Answer>): Promise<unknown[]> => {
    const { status, body, text } = await what;
    expect(text).not.toContain(folder.path);
    return [status, body.code, body.detail];
  };
  const damaged = [500, 'damaged-ledger', expect.stringMatching(/^the ledger of feedback is damaged/)];
  const keep = (): Promise<Answer> => service.post('/v1/feedback', { ...liked, item: 'Lola' });
  const othersAreAnswered = async (): Promise<void> => {
    for (const path of ['/v1/similar?item=Plush', '/v1/items?q=plush', '/v1/snapshots'])
      expect((await service.get(path)).status, path).toBe(200);
    expect((await service.get('/v1/recommend?like=Plush&feedback=false')).status).toBe(200);
  };

  it.each([
    ['has other bytes', inJournal((bytes) => bytes.fill(0x78, 0, 40))],
    ['lost the file that names the others', remove('live.json')],
  ])('that %s before it is read is said to be damaged, and only what needs it fails', async (_, damage) => {
    damage();
    expect(await asked(service.get('/v1/recommend/ann'))).toEqual(damaged);
    expect(await asked(service.get('/v1/listeners/ann/vector'))).toEqual(damaged);
    expect(await asked(keep())).toEqual(damaged);
    expect(await ready()).toEqual([503, 'not-ready', ['damaged-ledger']]);
    await othersAreAnswered();
  });

  it.each([
    ['is cut', cut],
    ['lost its journal', remove('journal-1')],
  ])('that %s after feedback was acknowledged takes no more, until it is whole', async (_, damage) => {
    expect((await keep()).status).toBe(200);
    const whole = new Map(
      readdirSync(directory()).map((name) => [name, readFileSync(join(directory(), name))] as const),
    );
    damage();
    for (let times = 0; times < 2; times++) expect(await asked(keep())).toEqual(damaged);
    expect(await ready()).toEqual([503, 'not-ready', ['damaged-ledger']]);
    await othersAreAnswered();
    for (const [name, bytes] of whole) writeFileSync(join(directory(), name), bytes);
    expect((await keep()).body.entries[0].seq).toBe(4);
    expect((await service.get('/v1/recommend/ann')).status).toBe(200);
    expect(await ready()).toEqual([200, 'ready', []]);
  });

  it('whose journal has another file in its place is written to there', async () => {
    expect((await keep()).status).toBe(200);
    const journal = join(directory(), 'journal-1');
    writeFileSync(`${journal}.new`, readFileSync(journal));
    renameSync(`${journal}.new`, journal);
    expect((await keep()).body.entries[0].seq).toBe(4);
    expect(readFileSync(journal, 'utf8').trimEnd().split('\n')).toHaveLength(4);
  });
});
