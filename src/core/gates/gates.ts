/**
 * The gates of `publish`: what a snapshot must be before it may become current. Here is what a verdict is; numbers that have to
 * be measured, and canary items, are the task's.
 */
import type { ItemRecord, MemberName, Rank, Text } from '../contracts.js';
import { AppError, VerdictError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import { nearestWord } from '../edit-distance.js';
import type { Comparison } from '../comparison/number-condition.js';
import { findNumber } from './numbers.js';

/** The source of a gate that stands in no file, as verdicts have always named it. */
export const requireSource = '--require';

/** A number that has to be as required, and where that was said: `requireSource`, or file and line. */
export interface NumberGate extends Comparison {
  readonly source: string;
}

/** A number that a gate asks for. */
export interface GateNumber {
  /** Stated by the manifest, measured of the snapshot, or measured against what is current. */
  readonly kind: 'manifest' | 'measured' | 'compared';
  /** null where there is none. */
  readonly value: number | null;
  /** Why there is none, or what it was taken of. */
  readonly note: string | null;
  /** False where there is nothing to judge: nothing is published yet that it could be compared with. */
  readonly judged: boolean;
}

/** Of a number that is compared with what is current, or with what is current under a name. */
export function noPublished(as: string | undefined): GateNumber {
  const what = as === undefined ? 'nothing is published yet' : `nothing is published as ${as} yet`;
  const note = `${what}, so there is nothing to compare with`;
  return { kind: 'compared', value: null, note, judged: false };
}

/** What is read of what is current, or why it cannot be: a damaged one has to be replaced. */
export async function orWhyUnreadable<T>(
  current: string,
  read: () => Promise<T>,
): Promise<{ readonly read: T } | { readonly why: string }> {
  try {
    return { read: await read() };
  } catch (error) {
    if (!(error instanceof AppError) || !unreadable.has(error.code)) throw error;
    const why = `${current}, which is current, cannot be read (${error.message}); it can be replaced without this gate`;
    return { why };
  }
}

const unreadable: ReadonlySet<string> = new Set([
  ...['damaged-snapshot', 'damaged-root', 'not-a-snapshot', 'newer-format', 'snapshot-not-found'],
]);

/** A place in a list that a canary item asked for. */
export interface CanaryPlace {
  readonly asked: 'similar' | 'recommend';
  /** What was asked, in the words of the gates file: the beginning of the verdict's name. */
  readonly question: Text;
  /** What was judged of the place. */
  readonly measure: 'rank' | 'similarity';
  /** The item that was looked for; null where the snapshot does not know it. */
  readonly item: ItemRecord | null;
  /** Where the item stands, from 1 on; null where it is not among the first 1,000. */
  readonly rank: Rank | null;
  /** Where the gate does not hold: what stands first instead. */
  readonly instead: readonly (ItemRecord & { readonly rank: Rank })[];
}

export interface GateVerdict {
  /** Of a member of a bundle: its name. */
  readonly as?: MemberName;
  readonly kind: GateNumber['kind'] | 'canary';
  readonly name: Text;
  /** null where there is no such number; a gate that was judged does not pass then. */
  readonly value: number | null;
  /**
   * Such as '>=0.95'.
   * @pattern ^[<>]=?
   */
  readonly required: string;
  readonly passed: boolean;
  /** False where there was nothing to judge; it passes then. */
  readonly judged: boolean;
  readonly source: Text;
  readonly note: string | null;
  /** null but for canary items. */
  readonly canary: CanaryPlace | null;
}

/** The verdict on a number. A number that is missing, or none (NaN), never passes where it is judged. */
export function judgeNumber(gate: NumberGate, number: GateNumber): GateVerdict {
  const { kind, value, note, judged } = number;
  const passed = !judged || (value !== null && gate.holds(value));
  return {
    ...{ kind, name: gate.name, value, required: gate.condition, passed, judged },
    ...{ source: gate.source, note, canary: null },
  };
}

/** What an error says besides the verdicts. */
export interface JudgedSnapshot {
  readonly id: string;
  readonly isBundle: boolean;
  readonly current: string | null;
  readonly gatesFile: string | null;
  /** The names of numbers that a gate could have asked for. */
  readonly known: readonly string[];
}

/** A snapshot for which a gate does not hold, with all verdicts. */
export class GatesDoNotHold extends VerdictError<{
  readonly snapshot: string;
  readonly current: string | null;
  readonly gates: readonly GateVerdict[];
  readonly gatesFile: string | null;
  readonly known: readonly string[];
}> {}

/** Throws GatesDoNotHold unless every gate passed. */
export function requireGates(
  verdicts: readonly GateVerdict[],
  { id, isBundle, current, gatesFile, known }: JudgedSnapshot,
): void {
  const failed = verdicts.filter(({ passed }) => !passed);
  if (failed.length === 0) return;
  const reasons = failed.map(({ as, kind, name, value, required, note }) => {
    const number = `${name} is ${value ?? 'none'}, required is ${required}`;
    const isMeasured = value !== null && kind !== 'canary';
    const why = note === null ? number : isMeasured ? `${number} (${note})` : `${name}: ${note}`;
    return as === undefined ? why : `${as}: ${why}`;
  });
  const ofWhat = isBundle ? 'bundle' : 'snapshot';
  const isUnknown = failed.some(({ kind, value }) => kind === 'manifest' && value === null);
  throw new GatesDoNotHold(
    'does-not-hold',
    `${failed.length} of ${verdicts.length} gates ${failed.length === 1 ? 'fails' : 'fail'} for ${ofWhat} ${id}: ${reasons.join('; ')}`,
    { snapshot: id, current, gates: verdicts, gatesFile, known },
    isUnknown ? [`the numbers of ${id} are: ${known.join(', ')}`] : [],
  );
}

/** The number of a name that is none: with the name that may have been meant. */
export function unknownNumber(name: string, known: readonly string[]): GateNumber {
  // `coverage` lacks its length only.
  const near = nearestWord(name, known) ?? known.find((other) => other.startsWith(`${name}@`));
  const remedy = findNumber(name)?.remedy;
  const meant =
    near !== undefined ? `; did you mean ${shellWord(near)}?` : remedy === undefined ? '' : `: ${remedy}`;
  return { kind: 'manifest', value: null, note: `it is not among its numbers${meant}`, judged: true };
}
