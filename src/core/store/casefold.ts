/**
 * Case folding by one bundled Unicode version, so that a name has the same key on every machine: `toLowerCase` and
 * `localeCompare` follow the machine's ICU, and full folding ("Straße" = "STRASSE") is in neither.
 */
import { foldExpansions, foldRuns, unicodeVersion } from './casefold-data.js';

/** What the manifest says about folded names. */
export const caseFolding = `Unicode ${unicodeVersion}`;

/**
 * A name as look-ups compare it: NFC, full case folding (statuses C and F of CaseFolding.txt), NFC again, since
 * folding may leave a letter apart from its accent. Folding twice changes nothing more.
 *
 * NFC is the runtime's own: by Unicode's stability policy the normal form of a string never changes once its
 * characters are assigned, so runtimes can differ only on characters newer than their tables.
 */
export function foldName(name: string): string {
  if (isPlain(name)) return name.toLowerCase();
  const normal = name.normalize('NFC');
  let folded = '';
  for (const character of normal) {
    const codePoint = character.codePointAt(0) ?? 0;
    folded += codePoint < 0x80 ? character.toLowerCase() : foldCodePoint(codePoint, character);
  }
  return folded.normalize('NFC');
}

/** ASCII, where lower case is the folding and nothing needs normalizing. */
function isPlain(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    if (name.charCodeAt(index) >= 0x80) return false;
  }
  return true;
}

function foldCodePoint(codePoint: number, character: string): string {
  const run = lastAtMost(foldRuns.length / 4, (index) => foldRuns[index * 4] ?? 0, codePoint);
  const first = foldRuns[run * 4] ?? 0;
  const last = foldRuns[run * 4 + 1] ?? 0;
  const step = foldRuns[run * 4 + 2] ?? 1;
  if (codePoint <= last && (codePoint - first) % step === 0) {
    return String.fromCodePoint(codePoint + (foldRuns[run * 4 + 3] ?? 0));
  }
  const expansion = lastAtMost(foldExpansions.length, (index) => foldExpansions[index]?.[0] ?? 0, codePoint);
  const [from, to] = foldExpansions[expansion] ?? [0, ''];
  return from === codePoint ? to : character;
}

/** The largest index whose value is ≤ `wanted`, in ascending values; 0 where all are larger. */
function lastAtMost(length: number, valueAt: (index: number) => number, wanted: number): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (valueAt(middle) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
