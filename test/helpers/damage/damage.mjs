/** Ways in which a file comes to harm: pure functions of its bytes and a seed. Run by children, so plain JavaScript. */
import { seededRandom } from '#dist/core/numeric/random.js';

const pageBytes = 4096;
const extremes = [0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

/**
 * @typedef {object} Damage
 * @property {string} kind a key of `ways`
 * @property {number} [seed]
 * @property {number} [at] of 'cut': the length that is left, negative from the end, 0.5 for half
 * @property {string} [file] of 'swap' and 'other': whose bytes take the place
 */

/** By kind: (bytes, random, damage) → other bytes. The bytes given may be changed. */
const ways = {
  cut: (bytes, _, { at }) => bytes.subarray(0, at === 0.5 ? bytes.length >> 1 : at),
  flip: (bytes, random) => flipped(bytes, random),
  flips(bytes, random) {
    for (let time = 0; time < 20; time++) flipped(bytes, random);
    return bytes;
  },
  /** Headers, roots and counts stand in front, or at the end (Arrow): damage there leads far. */
  ends(bytes, random) {
    const near = random.nextBelow(Math.min(256, bytes.length));
    bytes[random.nextBelow(2) === 0 ? near : bytes.length - 1 - near] ^= 1 << random.nextBelow(8);
    return bytes;
  },
  number(bytes, random) {
    if (bytes.length < 4) return bytes.fill(0xff);
    const at = random.nextBelow(Math.ceil((bytes.length - 3) / 4)) * 4;
    bytes.writeUInt32LE(extremes[random.nextBelow(extremes.length)], at);
    return bytes;
  },
  /** Two of them in the first or the last page. */
  numbers(bytes, random) {
    if (bytes.length < 8) return bytes.fill(0xff);
    const span = Math.min(bytes.length, pageBytes) >> 2;
    const start = random.nextBelow(2) === 0 ? 0 : (bytes.length >> 2) - span;
    for (let time = 0; time < 2; time++) {
      const at = (start + random.nextBelow(span)) * 4;
      bytes.writeUInt32LE(extremes[random.nextBelow(extremes.length)], at);
    }
    return bytes;
  },
  /** A decimal digit becomes another one: the numbers in headers of .npy, JSON and links. */
  digit(bytes, random) {
    const places = [];
    for (let at = 0; at < bytes.length; at++) if (bytes[at] >= 0x30 && bytes[at] <= 0x39) places.push(at);
    if (places.length === 0) return flipped(bytes, random);
    bytes[places[random.nextBelow(places.length)]] = 0x30 + random.nextBelow(10);
    return bytes;
  },
  zeroPage: (bytes, random) => filled(bytes, random, 0),
  onesPage: (bytes, random) => filled(bytes, random, 0xff),
  pageTwice(bytes, random) {
    const size = Math.min(pageBytes, Math.max(1, bytes.length >> 2));
    const pages = Math.floor(bytes.length / size);
    const from = random.nextBelow(pages) * size;
    bytes.copyWithin(random.nextBelow(pages) * size, from, from + size);
    return bytes;
  },
  headTwice: (bytes) => Buffer.concat([bytes.subarray(0, 128), bytes]),
  append: (bytes, random) => Buffer.concat([bytes, noise(random, 1 + random.nextBelow(pageBytes))]),
  appendPage: (bytes) => Buffer.concat([bytes, Buffer.alloc(pageBytes)]),
  noise: (bytes, random) => noise(random, bytes.length),
  /** The first bytes stay, so that it is taken for what it was. */
  noiseBehind(bytes, random) {
    const kept = Math.min(bytes.length >> 1, 8 << random.nextBelow(6));
    return Buffer.concat([bytes.subarray(0, kept), noise(random, bytes.length - kept)]);
  },
};

/** The kinds that need no other file, each with a seed. */
export const seededKinds = Object.keys(ways).filter((kind) => kind !== 'cut');

/**
 * The damaged bytes, which differ from `bytes` wherever that is possible: a seed whose damage changes nothing (a page
 * of zeros that is zeroed) is passed over.
 * @param {Buffer} bytes
 * @param {Damage} damage
 * @returns {Buffer}
 */
export function damaged(bytes, damage) {
  for (let time = 0; ; time++) {
    const random = seededRandom((damage.seed ?? 0) * 64 + time);
    const changed = ways[damage.kind](Buffer.from(bytes), random, damage);
    if (time === 63 || !changed.equals(bytes)) return changed;
  }
}

function flipped(bytes, random) {
  bytes[random.nextBelow(bytes.length)] ^= 1 << random.nextBelow(8);
  return bytes;
}

function filled(bytes, random, value) {
  const size = Math.min(pageBytes, Math.max(1, bytes.length >> 2));
  const at = random.nextBelow(Math.floor(bytes.length / size)) * size;
  return bytes.fill(value, at, at + size);
}

function noise(random, length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = random.nextBelow(256);
  return bytes;
}

const hostileValues = [
  ...[0, 1, 2, 3, -1, 0.5, 65_537, 2 ** 31, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER, 1e300],
  ...['', 'x', 'inner-product', 'item-item', 'constant', 'mean', 'normal-equations', 'a'.repeat(900)],
  ...[null, true, [], {}],
];

/** Puts something else in one or two places of a manifest, or takes them away; its id, format and sums stay. */
export function forgedField(manifest, seed) {
  const before = JSON.stringify(manifest);
  const random = seededRandom(seed);
  while (JSON.stringify(manifest) === before) forgeOne(manifest, random);
  if (random.nextBelow(3) === 0) forgeOne(manifest, random);
}

function forgeOne(manifest, random) {
  const places = [];
  const walk = (value, path) => {
    for (const key of Object.keys(value)) {
      if (path.length === 0 && ['id', 'format', 'formatVersion', 'checksum'].includes(key)) continue;
      places.push([value, key]);
      if (typeof value[key] === 'object' && value[key] !== null) walk(value[key], [...path, key]);
    }
  };
  walk(manifest, []);
  const [value, key] = places[random.nextBelow(places.length)];
  if (random.nextBelow(8) === 0) {
    // A list without one of its members is shorter: JSON has no holes.
    if (Array.isArray(value)) value.splice(Number(key), 1);
    else delete value[key];
  } else value[key] = JSON.parse(JSON.stringify(hostileValues[random.nextBelow(hostileValues.length)]));
}
