/**
 * Scores as JSON has them. A score is an f32 that is printed as the double that it also is, which takes 15 to 17 digits: far
 * more than a search takes to find it, where each is printed by itself. Here 17 decimals are found by exact arithmetic, and
 * dropped again while the rest still names the same double; what that cannot settle is left to `String`.
 */

/** Bytes that a text may take, and a few beyond its end that are written and mean nothing. */
export const maxScoreBytes = 32;

const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;

/** '0000' … '9999', each as it is in memory. */
const fourDigits = Uint32Array.from({ length: 10_000 }, (_, n) => {
  const digit = (power: number): number => zero + (Math.floor(n / power) % 10);
  return (digit(1000) | (digit(100) << 8) | (digit(10) << 16) | (digit(1) << 24)) >>> 0;
});

/** Of 2^-4 ≤ f32 < 2^4: smaller ones may need 18 decimals. */
const smallest = 2 ** -4;
const beyond = 2 ** 4;

/**
 * Writes `JSON.stringify(score)` from `at` on and returns where it ends. `score` is finite and an f32; `target` has
 * maxScoreBytes from `at` on. What is not left to `String` costs less than half of it.
 *
 * With v = m · 2^e, m < 2^24: v · 10^8 = m · 5^8 · 2^(e+8) has 43 bits, its fraction at most 19, and that times
 * 10^9 at most 40. So A and B, the first eight decimals with what stands before the point and the nine that follow, and b,
 * what is left, are exact doubles. All doubles within `half` of v, half the distance to its neighbours, are read as v:
 * the shortest is the multiple of the highest power of ten among them, which is what JSON prints
 * (https://tc39.es/ecma262/#sec-numeric-types-number-tostring), the nearest one where there are several.
 */
export function writeScore(target: DataView, at: number, score: number): number {
  const v = Math.abs(score);
  if (!(v >= smallest && v < beyond)) return writeText(target, at, score);
  const exponent = 31 - Math.clz32(v / smallest);
  // In units of the 17th decimal, as all that follows.
  const half = halfGaps[exponent]!;
  const scaled = v * 1e8;
  const a = Math.floor(scaled);
  const rest = (scaled - a) * 1e9;
  let b = rest | 0;
  const left = rest - b;
  // How many of the last decimals go, and what the others leave of v. Numbers of few decimals go to `String` below: a power of
  // two is one, whose lower neighbour is nearer than its upper one, and so is whatever the last decimals round up to 10^9.
  if (beyondHalf((b % 10) + left, 10, half)) {
    b += left > 0.5 ? 1 : 0;
    return left === 0.5 ? writeText(target, at, score) : writeDecimals(target, at, score < 0, a, b, 9);
  }
  let unit = 10;
  let decimals = 8;
  let over = b % 10;
  if (!beyondHalf((b % 100) + left, 100, half)) {
    if (!beyondHalf((b % 1000) + left, 1000, half)) return writeText(target, at, score);
    unit = 100;
    decimals = 7;
    over = b % 100;
  }
  const below = 2 * (over + left);
  b += (below > unit ? unit : 0) - over;
  if (below === unit) return writeText(target, at, score);
  return writeDecimals(target, at, score < 0, a, b, decimals);
}

/** Whether neither multiple of `unit` is near enough, `below` being how far the lower one is. */
function beyondHalf(below: number, unit: number, half: number): boolean {
  return below > half && unit - below > half;
}

/** [8] by ⌊log2(v ÷ smallest)⌋: half the distance of doubles there, 2^(⌊log2 v⌋ − 53) · 10^17, which is exact. */
const halfGaps = Float64Array.from({ length: 8 }, (_, exponent) => smallest * 2 ** (exponent - 53) * 1e17);

/** a ÷ 10^8, then the first `more` of the nine digits of b; the others are zeros. */
function writeDecimals(
  target: DataView,
  start: number,
  isNegative: boolean,
  a: number,
  b: number,
  more: number,
): number {
  let at = start;
  if (isNegative) target.setUint8(at++, minus);
  const whole = (a / 1e8) | 0;
  if (whole >= 10) target.setUint8(at++, zero + 1);
  target.setUint8(at, zero + (whole >= 10 ? whole - 10 : whole));
  target.setUint8(at + 1, dot);
  at += 2;
  const decimals = (a - whole * 1e8) | 0;
  const high = (decimals / 10_000) | 0;
  target.setUint32(at, fourDigits[high]!, true);
  target.setUint32(at + 4, fourDigits[decimals - high * 10_000]!, true);
  at += 8;
  const first = (b / 100_000) | 0;
  const others = (b - first * 100_000) | 0;
  const second = (others / 10) | 0;
  target.setUint32(at, fourDigits[first]!, true);
  target.setUint32(at + 4, fourDigits[second]!, true);
  target.setUint8(at + 8, zero + others - second * 10);
  return at + more;
}

function writeText(target: DataView, at: number, score: number): number {
  const text = String(score);
  for (let n = 0; n < text.length; n++) target.setUint8(at + n, text.charCodeAt(n));
  return at + text.length;
}
