/**
 * Snapshots that a later segue made: of a format version that is yet to come, and of this one with things that this
 * segue does not know.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { openItemSearch } from '#dist/core/query/open-item-search.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { changeManifest, copyGoldenRoot } from '../../helpers/golden-root.js';
import { runHere, runHereJson } from '../../helpers/run-here.js';
import { listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

beforeEach(() => {
  root = join(temporaryDirectory(), 'root');
  copyGoldenRoot('v1', root);
});

const pathOf = (id: string): string => join(root, 'snapshots', id);
const manifestOf = (id: string): Record<string, any> =>
  JSON.parse(readFileSync(join(pathOf(id), 'manifest.json'), 'utf8')) as Record<string, any>;

/** The id that a tag of the golden root names. */
function tagged(tag: string): string {
  return (JSON.parse(readFileSync(join(root, 'tags', tag, 'manifest.json'), 'utf8')) as { id: string }).id;
}

async function json(args: readonly string[], wanted = 0): Promise<Record<string, any>> {
  const result = await runHereJson(args, { env: { SEGUE_ROOT: root } });
  expect(result.code, result.stdout).toBe(wanted);
  return result.json as Record<string, any>;
}

describe('a format version that is yet to come', () => {
  it.each([
    ['similar', 'fleetwood-mac-rhiannon', '--snapshot', 'indexed'],
    ['recommend', '--like', 'Rhiannon', '--snapshot', 'indexed'],
    ['user-vector', '--all', '--snapshot', 'indexed'],
    ['build-index', 'indexed', '--lists', '5'],
    ['diff-snapshots', 'indexed', 'alone'],
    ['publish', 'indexed'],
  ])('is refused by %s, which says what to do, and changes nothing', async (...args) => {
    const id = tagged('indexed');
    const current = readCurrent(root);
    changeManifest(pathOf(id), (manifest) => {
      manifest['formatVersion'] = 5;
      delete manifest['model'];
      manifest['layout'] = 'of the future';
    });
    const { error } = await json(args, 4);
    expect(error).toMatchObject({
      code: 'newer-format',
      details: { formatVersion: 5, supported: 4 },
      suggestions: ['use the version of segue that made the snapshot, or a later one'],
    });
    const { code, stderr } = await runHere(args, { env: { SEGUE_ROOT: root } });
    expect(code).toBe(4);
    expect(stderr).toMatch(/has format version 5; this segue reads versions up to 4\n.*use the version/s);
    expect(readCurrent(root)).toBe(current);
    expect(existsSync(pathOf(id))).toBe(true);
  });

  it('of others does not get into the way of the rest', async () => {
    changeManifest(pathOf(tagged('ease')), (manifest) => {
      manifest['formatVersion'] = 5;
    });
    await json(['similar', 'fleetwood-mac-rhiannon']);
    await json(['publish', 'alone']);
  });
});

describe('a part that is not known', () => {
  const bytes = Buffer.from('what a song sounds like');

  /** A snapshot that a later segue gave a part of its own, and keys beside it. */
  function plantAudio(tag: string): string {
    const id = tagged(tag);
    mkdirSync(join(pathOf(id), 'audio/deep'), { recursive: true });
    writeFileSync(join(pathOf(id), 'audio/deep/item.npy'), bytes);
    changeManifest(pathOf(id), (manifest) => {
      manifest['files']['audio/deep/item.npy'] = { bytes: bytes.length, sha256: sha256Hex(bytes) };
      manifest['audio'] = { encoder: 'of the future' };
      manifest['mood'] = 'yet to come';
      manifest['model']['mood'] = 'of the model';
    });
    return id;
  }

  it('is verified, and otherwise left alone', async () => {
    const id = plantAudio('alone');
    const published = await json(['publish', id]);
    expect(published['verified'].files).toBe(6);
    await json(['similar', 'fleetwood-mac-rhiannon']);
    writeFileSync(join(pathOf(id), 'audio/deep/item.npy'), 'what a song sounds LIKE');
    const { error } = await json(['publish', id], 4);
    expect(error).toMatchObject({ code: 'damaged-snapshot', details: { file: 'audio/deep/item.npy' } });
  });

  it.each([
    ['build-index', 'alone'],
    ['user-vector', 'indexed', '--all', '--half-life', '3d'],
  ])('is passed on by %s, with its section of the manifest', async (command, tag, ...flags) => {
    const args = command === 'build-index' ? [command, tag] : [command, '--snapshot', tag, ...flags];
    const without = await json(args);
    rmSync(pathOf(without['snapshot']), { recursive: true });
    const parent = plantAudio(tag);
    const made = await json(args);
    expect(made).toMatchObject({ parent, existed: false, basis: manifestOf(parent)['basis'] });
    const file = join(pathOf(made['snapshot']), 'audio/deep/item.npy');
    expect(readFileSync(file)).toEqual(bytes);
    expect(statSync(file).ino).toBe(statSync(join(pathOf(parent), 'audio/deep/item.npy')).ino);
    const manifest = manifestOf(made['snapshot']);
    expect(manifest['audio']).toEqual({ encoder: 'of the future' });
    expect(manifest['model']).toEqual(manifestOf(parent)['model']);
    // Whether such a key still holds for what was derived, nobody knows.
    expect(manifest).not.toHaveProperty('mood');
    // It is another snapshot than the one without the part, and the same one when it is made again.
    expect(made['snapshot']).not.toBe(without['snapshot']);
    expect(await json(args)).toMatchObject({ snapshot: made['snapshot'], existed: true });
    await json(['publish', made['snapshot']]);
  });
});

it('an index of a kind that is not known is verified, and vectors are compared exactly', async () => {
  const id = tagged('indexed');
  const before = await json(['similar', 'fleetwood-mac-rhiannon', '--exact', '--snapshot', id]);
  changeManifest(pathOf(id), ({ index }) => {
    index.item.encoding = 'int4';
  });
  // So small that the index would not be used anyway; nor may its files be opened as what they no longer are.
  writeFileSync(join(pathOf(id), 'index/item.lists.npy'), 'eight bits each');
  changeManifest(pathOf(id), ({ files }) => {
    files['index/item.lists.npy'] = { bytes: 15, sha256: sha256Hex('eight bits each') };
  });
  const after = await json(['similar', 'fleetwood-mac-rhiannon', '--snapshot', id]);
  expect(after['neighbours']).toEqual(before['neighbours']);
  await json(['publish', id]);
  const snapshot = await openForReading(root, id, listening());
  const { search, searched } = await openItemSearch(snapshot, { maxK: 3, exact: false, inMemory: false });
  expect(searched(3)).toEqual({ method: 'exact' });
  search.close();
  snapshot.close();
});

describe('a model that is not known', () => {
  it.each([
    ['scorer', 'transformer'],
    ['fold', 'attention'],
  ])('by its %s is of a newer segue', async (key, name) => {
    changeManifest(pathOf(tagged('alone')), ({ model }) => {
      model[key] = name;
    });
    const { error } = await json(['publish', 'alone'], 4);
    expect(error).toMatchObject({ code: 'newer-format', details: { [key]: name } });
    expect(error.message).toContain(`the ${key} of its model als is "${name}"`);
  });

  it('by its algorithm version answers as its scorer and fold say', async () => {
    const before = await json(['recommend', 'KGON/2014-06-17', '--snapshot', 'indexed']);
    const vector = await json(['user-vector', 'KGON/2014-06-17', '--snapshot', 'indexed']);
    for (const version of [1, 99]) {
      changeManifest(pathOf(tagged('indexed')), ({ model }) => {
        model.algorithmVersion = version;
        model.name = 'als-of-the-future';
      });
      expect(await json(['recommend', 'KGON/2014-06-17', '--snapshot', 'indexed'])).toEqual(before);
      expect(await json(['user-vector', 'KGON/2014-06-17', '--snapshot', 'indexed'])).toEqual(vector);
    }
  });
});
