import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discardCheckpoints, openCheckpoints, type Checkpoints } from '#dist/core/checkpoints/checkpoints.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { idA, idB, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const arrays = (first: number): Map<string, Uint8Array> =>
  new Map<string, Uint8Array>([
    ['users', new Uint8Array(new SharedArrayBuffer(100_000)).fill(first)],
    ['eigenvalues', new Uint8Array([first, 2, 3])],
  ]);

async function opened(root: string, training = idA, context = listening()): Promise<Checkpoints> {
  const checkpoints = await openCheckpoints(root, training, context);
  if (checkpoints === undefined) throw new Error('they are taken');
  return checkpoints;
}

/** A root with a checkpoint of epoch 3, closed. */
async function interrupted(): Promise<{ root: string; path: string }> {
  const root = temporaryDirectory();
  const checkpoints = await opened(root);
  expect(checkpoints.found).toBeUndefined();
  checkpoints.save(2, { note: 'early' }, arrays(2));
  checkpoints.save(3, { note: 'later' }, arrays(3));
  checkpoints.close();
  const directory = rootPath.checkpoints(root, idA);
  const names = readdirSync(directory);
  expect(names).toEqual([expect.stringMatching(/^3\.[0-9a-f]{64}$/)]);
  return { root, path: join(directory, names[0]!) };
}

/** What is there to go on from, and what was warned of. */
async function found(root: string, training = idA) {
  const context = listening();
  const checkpoints = await opened(root, training, context);
  const warnings = context.told.flatMap((told) => (told.kind === 'warning' ? [told.message] : []));
  const epoch = checkpoints.found?.epoch;
  checkpoints.close();
  return { epoch, warnings };
}

describe('checkpoints', () => {
  it('give back what was saved last', async () => {
    const { root } = await interrupted();
    const checkpoints = await opened(root);
    expect(checkpoints.found).toMatchObject({ epoch: 3, training: idA, progress: { note: 'later' } });
    expect([...checkpoints.found!.sizes]).toEqual([
      ['users', 100_000],
      ['eigenvalues', 3],
    ]);
    for (const [name, bytes] of arrays(3)) {
      const target = new Uint8Array(new SharedArrayBuffer(bytes.length));
      checkpoints.found!.readInto(name, target);
      expect(Buffer.from(target).equals(Buffer.from(bytes))).toBe(true);
    }
    expect(() => checkpoints.found!.readInto('users', new Uint8Array(3))).toThrow(RangeError);
    checkpoints.close();
  });

  it('are held by one process at a time, which the others are told', async () => {
    const root = temporaryDirectory();
    const first = await opened(root);
    const context = listening();
    expect(await openCheckpoints(root, idA, context)).toBeUndefined();
    expect(context.told).toEqual([
      { kind: 'warning', message: expect.stringContaining(`process ${process.pid} on `) },
    ]);
    const other = await opened(root, idB);
    other.close();
    discardCheckpoints(root, idA);
    first.save(1, {}, arrays(1));
    first.close();
    expect(await found(root)).toEqual({ epoch: 1, warnings: [] });
  });

  it('leave nothing behind when they are not needed any more', async () => {
    const { root, path } = await interrupted();
    const checkpoints = await opened(root);
    checkpoints.discard();
    checkpoints.close();
    expect(existsSync(join(path, '..'))).toBe(false);
    expect(readdirSync(rootPath.locks(root))).toEqual([]);
    expect(await found(root)).toEqual({ epoch: undefined, warnings: [] });
  });

  it('of a training that is done are taken away', async () => {
    const { root, path } = await interrupted();
    discardCheckpoints(root, idA);
    discardCheckpoints(root, idA);
    expect(existsSync(join(path, '..'))).toBe(false);
    expect(readdirSync(rootPath.locks(root))).toEqual([]);
  });

  it.each([
    ['a changed byte', (path: string) => writeFileSync(path, flipped(path, 5000))],
    ['a changed head', (path: string) => writeFileSync(path, flipped(path, 20))],
    ['a missing end', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 99_000))],
    ['something after its end', (path: string) => appendFileSync(path, 'x')],
    ['nothing in it', (path: string) => writeFileSync(path, '')],
  ])('with %s are passed over, with a warning', async (_, damage) => {
    const { root, path } = await interrupted();
    chmodSync(path, 0o644);
    damage(path);
    const { epoch, warnings } = await found(root);
    expect(epoch).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringMatching(/^a checkpoint cannot be used: .*3\.[0-9a-f]{64}: its bytes/),
    ]);
  });

  it('that are no checkpoints under their own sha256 are passed over', async () => {
    const { root, path } = await interrupted();
    const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    writeFileSync(join(path, '..', `9.${sha256}`), '');
    expect(await found(root)).toEqual({
      epoch: 3,
      warnings: [expect.stringContaining('does not begin like one')],
    });
  });

  it('fall back to an earlier one that is whole', async () => {
    const { root, path } = await interrupted();
    writeFileSync(join(path, '..', `4.${'0'.repeat(64)}`), 'half of it');
    expect(await found(root)).toEqual({ epoch: 3, warnings: [expect.stringContaining('its bytes')] });
  });

  it('of another training, or with another epoch in their name, are never used', async () => {
    const { root, path } = await interrupted();
    cpSync(rootPath.checkpoints(root, idA), rootPath.checkpoints(root, idB), { recursive: true });
    expect(await found(root, idB)).toEqual({
      epoch: undefined,
      warnings: [expect.stringContaining(`it belongs to training ${idA}, epoch 3`)],
    });
    renameSync(path, path.replace('/3.', '/7.'));
    expect(await found(root)).toMatchObject({
      epoch: undefined,
      warnings: [expect.stringContaining('epoch 3')],
    });
  });

  it('that were half written are cleared away', async () => {
    const { root, path } = await interrupted();
    writeFileSync(join(path, '..', '.unfinished'), 'half of it');
    expect(await found(root)).toEqual({ epoch: 3, warnings: [] });
    expect(readdirSync(join(path, '..'))).toHaveLength(1);
  });

  it('are not written once the run is to end', async () => {
    const root = temporaryDirectory();
    const controller = new AbortController();
    const checkpoints = await opened(root, idA, listening(controller.signal));
    checkpoints.save(1, {}, arrays(1));
    controller.abort();
    expect(() => {
      checkpoints.save(2, {}, arrays(2));
    }).toThrow(expect.objectContaining({ code: 'interrupted' }));
    checkpoints.close();
    expect(await found(root)).toEqual({ epoch: 1, warnings: [] });
  });
});

function flipped(path: string, at: number): Buffer {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1;
  return bytes;
}
