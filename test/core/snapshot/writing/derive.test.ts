import { describe, expect, it } from 'vitest';
import { contentOf, idWithParts, partsOf } from '#dist/core/snapshot/writing/derive.js';
import { completeManifest, manifestText } from '#dist/core/snapshot/manifest.js';
import type { Manifest } from '#dist/core/snapshot/manifest.js';
import { parseManifest } from '#dist/core/snapshot/read-manifest.js';
import { contentOf as contentOfTest } from '../../../helpers/snapshots.js';

const basis = '0123456789abcdef';
const item = { kind: 'ivf', encoding: 'f32', targetRecall: 0.95, options: { lists: 10, seed: 42 } };

describe('idWithParts', () => {
  it('is the basis for what training makes', () => {
    expect(idWithParts(basis, { users: { options: {} }, index: null })).toBe(basis);
  });

  it('is another id for every part that was added, left out or made otherwise, and for every basis', () => {
    const ids = [
      idWithParts(basis, { users: null, index: null }),
      idWithParts(basis, { users: { options: { 'half-life': '30d' } }, index: null }),
      idWithParts(basis, { users: { options: {} }, index: { item } }),
      idWithParts(basis, { users: null, index: { item } }),
      idWithParts(basis, { users: { options: {} }, index: { item: { ...item, targetRecall: 0.9 } } }),
      idWithParts(basis, {
        users: { options: {} },
        index: { item: { ...item, options: { lists: 11, seed: 42 } } },
      }),
      idWithParts('fedcba9876543210', { users: { options: {} }, index: { item } }),
    ];
    expect(new Set([basis, ...ids]).size).toBe(ids.length + 1);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  it('does not depend on what was measured', () => {
    const measured = { ...item, lists: 10, probes: 3, recallAt10: 0.97, sampled: 100 };
    expect(idWithParts(basis, { users: null, index: { item: measured } })).toBe(
      idWithParts(basis, { users: null, index: { item } }),
    );
  });
});

describe('unknownParts', () => {
  const digest = { bytes: 1, sha256: '0'.repeat(64) };
  const manifestOf = (files: Record<string, typeof digest>, more: object = {}): Manifest => ({
    ...completeManifest(contentOfTest(basis), new Map(Object.entries(files))),
    ...more,
  });
  const known = { 'model/item.npy': digest, 'users/users.npy': digest, 'index/item.rows.npy': digest };

  it('are none in what this version makes', () => {
    expect(partsOf(manifestOf(known)).unknown).toEqual({});
    expect(contentOf(manifestOf(known, { future: 1 }))).toEqual(contentOfTest(basis));
  });

  it('are known by their bytes and their section, and change the id', () => {
    const parts = [
      manifestOf({ ...known, 'audio/x.npy': digest }),
      manifestOf({ ...known, 'audio/y.npy': digest }),
      manifestOf({ ...known, 'audio/x.npy': { ...digest, sha256: '1'.repeat(64) } }),
      manifestOf({ ...known, 'audio/x.npy': digest }, { audio: { encoder: 'deep' } }),
    ].map((manifest) => partsOf(manifest).unknown ?? {});
    for (const part of parts) expect(Object.keys(part)).toEqual(['audio']);
    const ids = parts.map((unknown) => idWithParts(basis, { users: { options: {} }, index: null, unknown }));
    expect(new Set([basis, ...ids]).size).toBe(5);
    expect(
      Object.keys(partsOf(manifestOf({ ...known, 'a/x': digest, 'b/x': digest, c: digest })).unknown ?? {}),
    ).toEqual(['a', 'b', 'c']);
  });

  it('keep their section of the manifest, and no other key', () => {
    const manifest = manifestOf(
      { ...known, 'audio/x.npy': digest, 'checksum/x': digest },
      { audio: 1, mood: 2 },
    );
    const content = contentOf(manifest);
    expect(content).toMatchObject({ ...contentOfTest(basis), audio: 1 });
    expect(content).not.toHaveProperty('mood');
    const derived = completeManifest(content, new Map([['audio/x.npy', digest]]));
    expect(parseManifest(manifestText(derived), 'manifest.json')).toEqual(derived);
  });
});
