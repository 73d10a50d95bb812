import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import type { AppError } from '#dist/core/errors.js';
import type { GateVerdict } from '#dist/core/gates/gates.js';
import { readHistory } from '#dist/core/snapshot/publication-log.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { tagSnapshot } from '#dist/core/snapshot/links.js';
import { publish } from '#dist/core/tasks/publish.js';
import type { PublishOptions, PublishResult } from '#dist/core/tasks/publish.js';
import { idA, idB, listening, modelFiles, plantLink, plantSnapshot } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { words } from '../../helpers/words.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

beforeEach(() => {
  root = temporaryDirectory();
  plantSnapshot(root, idA);
  plantSnapshot(root, idB, modelFiles(2));
  plantLink(root, 'latest', idB);
});

function run(options: Partial<PublishOptions> = {}, context = listening()): Promise<PublishResult> {
  return publish({ root, require: [], dryRun: false, ...options }, context);
}

const current = (): string => readlinkSync(rootPath.current(root));

describe('publish', () => {
  it('makes the latest snapshot current, by a relative link, and says what it verified', async () => {
    const result = await run();
    expect(result).toMatchObject({
      published: idB,
      previous: null,
      gates: [],
      dryRun: false,
      unchanged: false,
      verified: { files: 2, bytes: 296 },
    });
    expect(result.seconds).toBeGreaterThan(0);
    expect(current()).toBe(`snapshots/${idB}`);
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('takes any reference, and names what was current before', async () => {
    await run({ snapshot: idA });
    tagSnapshot(root, idB, 'best');
    expect(await run({ snapshot: 'best' })).toMatchObject({ published: idB, previous: idA });
    expect(await run({ snapshot: 'previous' })).toMatchObject({ published: idA, previous: idB });
    expect(await run({ snapshot: 'bbbb' })).toMatchObject({ published: idB, previous: idA });
  });

  it('writes into the history who did what, when and why, before and after', async () => {
    await run({ snapshot: idA, at: new Date(0), why: 'first' });
    await run({ snapshot: idB, at: new Date(1) });
    const lines = readHistory(root);
    expect(lines.map(({ seq, phase, from, to }) => [seq, phase, from, to])).toEqual([
      [1, 'intent', null, idA],
      [1, 'commit', null, idA],
      [2, 'intent', idA, idB],
      [2, 'commit', idA, idB],
    ]);
    expect(lines[0]).toMatchObject({
      op: 'publish',
      time: '1970-01-01T00:00:00.000Z',
      who: expect.stringMatching(/.@./),
      why: 'first',
    });
    expect(lines[2]).toMatchObject({ why: null });
  });

  it('leaves alone what is current already, and still checks everything', async () => {
    await run();
    const history = readFileSync(rootPath.history(root), 'utf8');
    expect(await run()).toMatchObject({ published: idB, previous: idB, unchanged: true });
    expect(readFileSync(rootPath.history(root), 'utf8')).toBe(history);
    await expect(run({ require: ['loss<0.1'] })).rejects.toMatchObject({ code: 'does-not-hold' });
    rmSync(join(rootPath.snapshot(root, idB), 'model/item.npy'));
    await expect(run()).rejects.toMatchObject({ code: 'damaged-snapshot' });
  });

  it('refuses a snapshot in which one bit changed under an unchanged stamp', async () => {
    await run({ snapshot: idA });
    await run({ snapshot: idB });
    const file = join(rootPath.snapshot(root, idA), 'model/item.npy');
    const bytes = readFileSync(file);
    bytes[100]! ^= 1;
    chmodSync(file, 0o644);
    writeFileSync(file, bytes);
    await expect(run({ snapshot: idA })).rejects.toMatchObject({
      code: 'damaged-snapshot',
      details: { file: 'model/item.npy' },
    });
    expect(current()).toBe(`snapshots/${idB}`);
  });

  it('repairs a current that names a snapshot which is gone, and says so', async () => {
    await run({ snapshot: idA });
    rmSync(rootPath.snapshot(root, idA), { recursive: true });
    const context = listening();
    expect(await run({}, context)).toMatchObject({ published: idB, previous: idA });
    expect(context.told).toContainEqual({
      kind: 'warning',
      message: `${idA}, which is current, no longer exists: readers fail until another one is published`,
    });
    expect(current()).toBe(`snapshots/${idB}`);
  });

  it('says that there is nothing to publish, and makes no root for it', async () => {
    const missing = join(root, 'missing');
    await expect(run({ root: missing })).rejects.toMatchObject({ code: 'snapshot-not-found', exitCode: 3 });
    expect(existsSync(missing)).toBe(false);
  });

  it('can be interrupted while it verifies', async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(run({}, listening(abort.signal))).rejects.toMatchObject({ code: 'interrupted' });
    expect(existsSync(rootPath.current(root))).toBe(false);
    expect(tryLock(rootPath.publishLock(root))).toBeDefined();
  });
});

describe('gates', () => {
  const brief = ({ name, value, required, passed }: GateVerdict): unknown => [name, value, required, passed];

  it('are metrics, sizes and settings, and all verdicts are in the result', async () => {
    const require = words`loss<=0.5 ndcg@100>=0.2 users>1 items>=3 interactions<5 dim>1 factors>1`;
    const { gates } = await run({ require: [...require, 'events>=5', 'bytes<=296'] });
    expect(gates.map(brief)).toEqual([
      ['loss', 0.5, '<=0.5', true],
      ['ndcg@100', 0.25, '>=0.2', true],
      ['users', 2, '>1', true],
      ['items', 3, '>=3', true],
      ['interactions', 4, '<5', true],
      ['dim', 2, '>1', true],
      ['factors', 2, '>1', true],
      ['events', 5, '>=5', true],
      ['bytes', 296, '<=296', true],
    ]);
    expect(gates[0]).toEqual({
      ...{ kind: 'manifest', name: 'loss', value: 0.5, required: '<=0.5', passed: true },
      ...{ judged: true, source: '--require', note: null, canary: null },
    });
  });

  it('that do not hold leave current as it was, exit 1, and give every verdict', async () => {
    await run({ snapshot: idA });
    await expect(run({ require: ['loss<0.1', 'users>=2'] })).rejects.toMatchObject({
      code: 'does-not-hold',
      exitCode: 1,
      message: `1 of 2 gates fails for snapshot ${idB}: loss is 0.5, required is <0.1`,
      details: {
        snapshot: idB,
        current: idA,
        gatesFile: null,
        gates: [
          { name: 'loss', value: 0.5, required: '<0.1', passed: false },
          { name: 'users', value: 2, required: '>=2', passed: true },
        ],
      },
    });
    expect(current()).toBe(`snapshots/${idA}`);
  });

  it.each([
    ['recall@10', ''],
    ['ndgc@100', '; did you mean ndcg@100?'],
    ['coverage', '; did you mean coverage@10?'],
    ['constructor', ''],
    ['toString', ''],
  ])('on %s, which is no number of the snapshot, do not pass, and say what there is', async (name, meant) => {
    const error = (await run({ require: [`${name}>=0`] }).catch((reason: unknown) => reason)) as AppError;
    expect(error).toMatchObject({
      code: 'does-not-hold',
      message: expect.stringContaining(`${name}: it is not among its numbers${meant}`),
      details: { gates: [{ name, value: null, passed: false }] },
    });
    expect(error.suggestions[0]).toMatch(/are: bytes, change\.interactions, .*, ndcg@100, overlap@10, /);
  });

  it.each(['loss is low', '__proto__>=0', 'loss>=', 'loss==1', '>=1', 'loss>=NaN', 'loss>=0x10'])(
    '"%s" is no comparison: bad usage, before anything is looked at',
    async (gate) => {
      await expect(run({ root: '/nowhere', require: [gate] })).rejects.toMatchObject({
        code: 'bad-usage',
        exitCode: 2,
      });
    },
  );
});

describe('`expect`', () => {
  it.each([idA, 'aaaa', 'best', 'current'])(
    'lets through what %s names, when that is current',
    async (expect_) => {
      tagSnapshot(root, idA, 'best');
      await run({ snapshot: idA });
      expect(await run({ snapshot: idB, expect: expect_ })).toMatchObject({ previous: idA });
    },
  );

  it('refuses anything else as a conflict, exit 5', async () => {
    await run({ snapshot: idA });
    for (const expected of [idB, 'cccccccccccccccc', 'none']) {
      await expect(run({ snapshot: idB, expect: expected })).rejects.toMatchObject({
        code: 'conflict',
        exitCode: 5,
        message: `current is ${idA}, \`expect\` names ${expected}`,
      });
    }
    expect(current()).toBe(`snapshots/${idA}`);
  });

  it('none means that nothing is published yet', async () => {
    await run({ expect: 'none' });
    await expect(run({ expect: 'none' })).rejects.toMatchObject({ code: 'conflict' });
  });
});

it('`dryRun` verifies and judges, and changes nothing at all', async () => {
  const before = readdirSync(root, { recursive: true }).sort();
  const result = await run({ dryRun: true, require: ['loss<1'], expect: 'none' });
  expect(result).toMatchObject({ published: idB, dryRun: true, gates: [{ passed: true }] });
  expect(readdirSync(root, { recursive: true }).sort()).toEqual(before);
  await expect(run({ dryRun: true, require: ['loss>1'] })).rejects.toMatchObject({ code: 'does-not-hold' });
});

it('the publish lock makes another publisher say who publishes, exit 5', async () => {
  mkdirSync(rootPath.locks(root));
  const lock = tryLock(rootPath.publishLock(root), { create: true });
  await expect(run()).rejects.toMatchObject({
    code: 'busy',
    exitCode: 5,
    message: expect.stringContaining(`process ${process.pid} on `),
  });
  lock?.release();
  await run();
});

describe('what a publisher that died left behind', () => {
  const intent = {
    seq: 1,
    phase: 'intent',
    op: 'publish',
    from: null,
    to: idA,
    time: '',
    who: '',
    why: null,
  };
  const write = (text: string): void => {
    writeFileSync(rootPath.history(root), text);
  };

  it('is removed: a link that was not renamed', async () => {
    symlinkSync(`snapshots/${idA}`, join(root, '.current.1.0123456789ab'));
    await run();
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is cut off: a line that was not finished', async () => {
    write('{"seq":1,"pha');
    await run();
    expect(readHistory(root).map(({ phase }) => phase)).toEqual(['intent', 'commit']);
    expect(readFileSync(rootPath.history(root), 'utf8')).not.toContain('"pha{');
  });

  it('is abandoned: an intent whose rename did not happen', async () => {
    write(`${JSON.stringify(intent)}\n`);
    await run({ snapshot: idB });
    expect(readHistory(root).map(({ seq, phase, to }) => [seq, phase, to])).toEqual([
      [1, 'intent', idA],
      [1, 'abandon', idA],
      [2, 'intent', idB],
      [2, 'commit', idB],
    ]);
  });

  it('is committed: an intent whose rename did happen', async () => {
    write(`${JSON.stringify(intent)}\n`);
    symlinkSync(`snapshots/${idA}`, rootPath.current(root));
    expect(await run({ snapshot: idB })).toMatchObject({ previous: idA });
    expect(readHistory(root).map(({ seq, phase, to }) => [seq, phase, to])).toEqual([
      [1, 'intent', idA],
      [1, 'commit', idA],
      [2, 'intent', idB],
      [2, 'commit', idB],
    ]);
    expect(await run({ snapshot: 'previous' })).toMatchObject({ published: idA });
  });
});

it.each<[string, (link: string) => void]>([
  ['a real directory', (link) => mkdirSync(link)],
  ['a regular file', (link) => writeFileSync(link, 'precious')],
  ['a link to elsewhere', (link) => symlinkSync('/etc', link)],
])('a root in which current is not a link of ours is left alone: %s', async (_what, plant) => {
  plant(rootPath.current(root));
  await expect(run()).rejects.toMatchObject({ code: 'damaged-root', exitCode: 4 });
  expect(readHistory(root)).toEqual([]);
});
