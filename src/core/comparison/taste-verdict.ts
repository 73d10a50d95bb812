/** One sentence on what another snapshot means, for the person who decides whether to publish it. */
import type { Text } from '../contracts.js';
import type { SettingPair } from './compare-manifests.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { isOneModel, partDiffers } from './one-model.js';

export type VerdictKind =
  'identical' | 'same-basis' | 'same-taste' | 'similar-taste' | 'different-taste' | 'not-comparable';

export interface Verdict {
  readonly kind: VerdictKind;
  /** One line, without a full stop at its end. */
  readonly sentence: Text;
}

/** What was measured; null where it could not be. */
export interface MeasuredTaste {
  /** Rank-biased overlap of the neighbours of well known items, or of all where there are none. */
  readonly rbo: number | null;
  /** Mean cosine of the aligned vectors of the same items. */
  readonly meanCosine: number | null;
  /** Rank-biased overlap of recommendations. */
  readonly recommended: number | null;
  /** Share of the quality that is lost where users of A meet items of B. */
  readonly lost: number | null;
  readonly settings: readonly SettingPair[];
}

/** What neighbours, and vectors where there are any, have to reach. */
interface Likeness {
  readonly rbo: number;
  readonly meanCosine: number;
}

/**
 * What two seeds of one training reach with the default 64 factors, and 90 % of the data do not, on three sets of data;
 * and about what half of the data reaches where there are enough. docs/internals/publishing.md has the measurements.
 */
const asTwoSeeds: Likeness = { rbo: 0.73, meanCosine: 0.88 };
const similar: Likeness = { rbo: 0.3, meanCosine: 0.6 };
/** Losing less than this share by mixing users and items is within what a day of listening changes. */
const smallLoss = 0.05;
/** Settings that are named in the sentence. */
const mostNamed = 3;

/** Never 'same-taste' for what is further apart than two seeds are, unless nothing but the seed is another. */
export function judgeTaste(a: OpenSnapshot, b: OpenSnapshot, measured: MeasuredTaste): Verdict {
  if (isOneModel(a, b)) return judgeParts(a, b, measured);
  const likeness = measured.rbo ?? measured.recommended;
  if (likeness === null) {
    const why = 'the items in both have no neighbours or recommendations to compare';
    return { kind: 'not-comparable', sentence: `not comparable: ${why}` };
  }
  const reaches = ({ rbo, meanCosine }: Likeness): boolean =>
    likeness >= rbo && (measured.meanCosine ?? 1) >= meanCosine;
  const differing = differencesOf(measured.settings);
  const onlySeed = differing.length === 1 && differing[0] === seedName;
  const details = `${numbersOf(measured)}${differencesInWords(differing)}${warningOf(measured)}`;
  if (reaches(asTwoSeeds) || (onlySeed && reaches(similar)))
    return { kind: 'same-taste', sentence: `the same taste, another basis: ${details}` };
  if (reaches(similar))
    return { kind: 'similar-taste', sentence: `a similar taste, another basis: ${details}` };
  return { kind: 'different-taste', sentence: `a different taste: ${details}` };
}

/** Two snapshots of one basis, or with the same numbers: what else is in them. */
function judgeParts(a: OpenSnapshot, b: OpenSnapshot, measured: MeasuredTaste): Verdict {
  const kind = 'same-basis';
  if (partDiffers(a, b, 'model/'))
    return { kind, sentence: `one basis, other vectors: ${numbersOf(measured)}` };
  const parts = [
    ...(partDiffers(a, b, 'users/') ? [otherUsers(a, b, measured)] : []),
    ...(partDiffers(a, b, 'index/') ? [otherPart(a, b, 'index', 'another index')] : []),
  ];
  if (parts.length > 0) return { kind, sentence: `the identical model, other parts: ${parts.join(', ')}` };
  const what = a.id === b.id ? 'one and the same snapshot' : 'two snapshots with the same files';
  return { kind: 'identical', sentence: `identical: ${what}` };
}

function otherUsers(a: OpenSnapshot, b: OpenSnapshot, { lost }: MeasuredTaste): string {
  const users = otherPart(a, b, 'users', 'other users');
  return lost === null
    ? users
    : `${users} (those of A would lose ${percent(Math.max(0, lost))} of their fit to the items)`;
}

function otherPart(a: OpenSnapshot, b: OpenSnapshot, part: 'users' | 'index', inBoth: string): string {
  const [inA, inB] = [a.manifest[part] !== null, b.manifest[part] !== null];
  return inA && inB ? inBoth : `${part} only in ${inA ? 'A' : 'B'}`;
}

function numbersOf({ rbo, meanCosine, recommended }: MeasuredTaste): string {
  const numbers = [
    ...(rbo === null ? [] : [`neighbours agree to ${percent(rbo)}`]),
    ...(meanCosine === null ? [] : [`vectors to a cosine of ${meanCosine.toFixed(2)} once rotated`]),
    ...(rbo === null && recommended !== null ? [`recommendations agree to ${percent(recommended)}`] : []),
  ];
  return numbers.join(', ');
}

function warningOf({ lost }: MeasuredTaste): string {
  return lost === null || lost < smallLoss ? '' : '; users of one must not meet items of the other';
}

const seedName = 'seed';
const modelName = 'model';
/** Of a setting that is said in words of its own; undefined for what follows from others. */
const settingNames: Readonly<Record<string, string | undefined>> = {
  'inputs.interactions': 'data',
  'model.name': modelName,
  'model.seed': seedName,
  'model.algorithmVersion': 'version of the training',
  ...Object.fromEntries(
    ['caseFolding', 'dim', 'engine', 'fold', 'parameters', 'scorer'].map((name) => [
      `model.${name}`,
      undefined,
    ]),
  ),
};

/** What is another, of all that decides what is learned: data first. Of another model only that is said. */
function differencesOf(settings: readonly SettingPair[]): string[] {
  const differing = settings.filter(({ same }) => !same).map(({ name }) => name);
  const isOtherModel = differing.includes('model.name');
  return differing.flatMap((name) => {
    if (isOtherModel && name.startsWith('model.')) return name === 'model.name' ? modelName : [];
    if (name in settingNames) return settingNames[name] ?? [];
    return name.startsWith('model.') ? name.replace('model.', '') : [];
  });
}

function differencesInWords(names: readonly string[]): string {
  if (names.length === 0) return '';
  if (names.length === 1 && names[0] === seedName) return '; only the seed differs';
  if (names.length === 1 && names[0] === modelName) return '; another model';
  const named = names.slice(0, names.length > mostNamed + 1 ? mostNamed : mostNamed + 1);
  const more = names.length - named.length;
  const all = more > 0 ? [...named, `${more} more settings`] : named;
  const last = all.at(-1) ?? '';
  const words = all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${last}` : last;
  return `; other ${words}`;
}

/** Never 100 % for what is not all. */
function percent(share: number): string {
  return `${Math.round(100 * share) === 100 && share < 1 ? 99 : Math.round(100 * share)} %`;
}
