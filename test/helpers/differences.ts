import type { ItemRecord } from '#dist/core/contracts.js';
import { diffSnapshots } from '#dist/core/tasks/diff-snapshots.js';
import type { BundleDiffResult, DiffOptions, DiffResult } from '#dist/core/tasks/diff-snapshots.js';
import { idA, idB, listening } from './snapshots.js';

/** What diff-snapshots says of two snapshots; throws where they are bundles. */
export async function diffOfTwo(
  options: Omit<DiffOptions, 'a' | 'b'> & Partial<DiffOptions>,
): Promise<DiffResult> {
  const result = await diffSnapshots({ a: idA, b: idB, ...options }, listening());
  if ('members' in result) throw new Error('two bundles were compared');
  return result;
}

export function song(id: string, name: string, artist = 'Stone Temple Pilots'): ItemRecord {
  return { id, name, artist };
}

const songs = [
  song('stone-temple-pilots-plush', 'Plush'),
  song('cheap-trick-dream-police', 'Dream Police', 'Cheap Trick'),
  song('allman-brothers-band-midnight-rider', 'Midnight Rider', 'Allman Brothers Band'),
  song('ac-dc-back-in-black', 'Back in Black', 'AC/DC'),
  song('van-halen-aint-talkin-bout-love', "Ain't Talkin' 'bout Love", 'Van Halen'),
];

const side = {
  snapshot: '1ffd6bba4714d5e8',
  basis: '1ffd6bba4714d5e8',
  parent: null,
  model: 'als',
  dim: 64,
  items: 2221,
  users: 172,
};

/** Two trainings of some of the same data, with everything that a difference can have. */
export const anotherBasis: DiffResult = {
  verdict: {
    kind: 'similar-taste',
    sentence:
      'a similar taste, another basis: neighbours agree to 52 %, vectors to a cosine of 0.91 once rotated; other data, factors and seed; users of one must not meet items of the other',
  },
  a: side,
  b: { ...side, snapshot: 'f78d5ffaa93ea479', basis: 'f78d5ffaa93ea479', dim: 32, items: 1960 },
  items: {
    ...{ added: 2, removed: 263, common: 1958 },
    addedTop: [song('war-the-cisco-kid', 'The Cisco Kid', 'War'), song('new', 'New')],
    removedTop: songs.slice(3),
  },
  users: { added: 0, removed: 3, common: 169 },
  overlapAt10: 0.479,
  overlapAt10All: 0.604,
  rbo: 0.521,
  rboAll: 0.633,
  compared: { items: 1098, itemsAll: 1886, all: false },
  deciles: Array.from({ length: 10 }, (_, tenth) => ({
    decile: tenth + 1,
    items: 110,
    leastListeners: 5 + tenth * tenth,
    mostListeners: tenth === 0 ? 5 : 5 + (tenth + 1) * (tenth + 1),
    overlapAt10: 0.3 + tenth * 0.05,
    rbo: 0.35 + tenth * 0.05,
    drift: tenth === 3 ? null : 0.8 + tenth * 0.01,
  })),
  drift: { aligned: 'rotation', items: 1958, meanCosine: 0.912, p10Cosine: 0.624, residual: 0.31 },
  settings: [
    { name: 'inputs.interactions', a: 'f1'.repeat(32), b: '97'.repeat(32), same: false },
    { name: 'inputs.items', a: null, b: null, same: true },
    { name: 'model.dim', a: 64, b: 32, same: false },
    { name: 'model.factors', a: 64, b: 32, same: false },
    { name: 'model.reg', a: 0.007, b: 0.007, same: true },
    {
      name: 'model.parameters',
      a: { 'mean-items': 183.99418604651163, 'unobserved-weight': 0.09122379135116677 },
      b: { 'mean-items': 125.70348837209302, 'unobserved-weight': 0.09122379135116676 },
      same: false,
    },
    { name: 'model.seed', a: 42, b: 7, same: false },
    { name: 'index.kind', a: 'ivf', b: null, same: false },
  ],
  metrics: [
    { name: 'interactions', a: 35158, b: 23974, change: -11184 },
    { name: 'items', a: 2221, b: 1960, change: -261 },
    { name: 'loss', a: 0.1881, b: 0.2413, change: 0.0532 },
    { name: 'ndcg@100', a: 0.3341, b: 0.341, change: 0.0069 },
    { name: 'recall@20', a: 0.1685, b: 0.08712, change: -0.08138 },
    { name: 'recall@10', a: 0.96, b: null, change: null },
    { name: 'recall@50', a: 0.31, b: 0.3, change: -0.01 },
    { name: 'users', a: 172, b: 172, change: 0 },
  ],
  changedMost: songs.map((item, at) => ({ ...item, overlap: at / 10 })),
  movedMost: songs.map((item, at) => ({ ...item, cosine: -0.12 + at / 4 })),
  recommendations: {
    users: 169,
    overlapAt10: 0.61,
    rbo: 0.655,
    changedMost: [
      { user: 'KGLK/2014-06-16', overlap: 0.1, cosine: null, gone: songs, came: songs.slice(0, 4) },
      {
        user: 'WXGL/2014-06-16',
        overlap: 0.5,
        cosine: 0.7,
        gone: songs.slice(0, 1),
        came: songs.slice(1, 2),
      },
    ],
  },
  skew: {
    users: 169,
    measure: 'ndcg@100 of own history',
    matched: 0.612,
    mixed: 0.0113,
    rotated: 0.55,
    lost: 0.98154,
  },
  failOn: [
    { name: 'items.removed', value: 263, condition: '>1000', holds: false },
    { name: 'overlap@10', value: 0.479, condition: '<0.8', holds: true },
  ],
  seconds: 1,
};

/** The same snapshot twice, without users. */
export const identical: DiffResult = {
  ...anotherBasis,
  verdict: { kind: 'identical', sentence: 'identical: one snapshot under two names' },
  a: { ...side, users: null },
  b: { ...side, users: null },
  items: { added: 0, removed: 0, common: 2221, addedTop: [], removedTop: [] },
  users: null,
  overlapAt10: 1,
  overlapAt10All: 1,
  rbo: 1,
  rboAll: 1,
  compared: { items: 1098, itemsAll: 2221, all: true },
  deciles: [],
  drift: { aligned: 'direct', items: 2221, meanCosine: 1, p10Cosine: 1, residual: 0 },
  settings: anotherBasis.settings.map((setting) => ({ ...setting, b: setting.a, same: true })),
  metrics: anotherBasis.metrics.map((metric) => ({
    ...metric,
    b: metric.a,
    change: metric.a === null ? null : 0,
  })),
  changedMost: [],
  movedMost: [],
  recommendations: null,
  skew: null,
  failOn: [],
};

export const twoBundles: BundleDiffResult = {
  a: {
    bundle: 'aaaa000000000001',
    members: [
      { as: 'discover', snapshot: '1ffd6bba4714d5e8' },
      { as: 'radio', snapshot: '1ffd6bba4714d5e8' },
      { as: 'deep', snapshot: '2222222222222222' },
    ],
  },
  b: {
    bundle: 'bbbb000000000001',
    members: [
      { as: 'radio', snapshot: 'f78d5ffaa93ea479' },
      { as: 'discover', snapshot: '1ffd6bba4714d5e8' },
      { as: 'extra', snapshot: '3333333333333333' },
    ],
  },
  members: [
    {
      as: 'radio',
      change: 'changed',
      a: '1ffd6bba4714d5e8',
      b: 'f78d5ffaa93ea479',
      difference: anotherBasis,
    },
    { as: 'discover', change: 'same', a: '1ffd6bba4714d5e8', b: '1ffd6bba4714d5e8', difference: null },
    { as: 'extra', change: 'added', a: null, b: '3333333333333333', difference: null },
    { as: 'deep', change: 'removed', a: '2222222222222222', b: null, difference: null },
  ],
  failOn: [
    { name: 'members.removed', value: 1, condition: '>1', holds: false },
    { as: 'radio', name: 'overlap@10', value: 0.479, condition: '<0.8', holds: true },
  ],
  seconds: 1,
};
