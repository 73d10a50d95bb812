/**
 * What of a user's pairs a vector is learned from: all of them, those of a window, or a blend of both.
 *
 *   v = (a · fold(lifetime) + b · fold(recent)) / (a + b)
 *
 * fold is the model's fold-in; lifetime are all pairs, recent those whose latest event is within `since` of the user's
 * moment. Where nothing is recent, or nothing but that is known, v is the fold of what there is. A user's moment, from which a
 * window and ages are measured, is `asOf`, else the latest event that is known of them.
 */
import type { Pairs } from '../contracts.js';
import { refusedOption } from '../errors.js';
import { isTime, noTime, weightUnits } from '../numeric/pairs.js';
import { pairsAt } from '../numeric/split-pairs.js';
import { parseAge, parseAsOf } from '../models/folding/decay.js';
import type { followEvents } from '../options/operations.js';
import type { Asked } from '../options/option.js';

export type LearningOptions = Asked<
  Pick<typeof followEvents.options, 'halfLife' | 'asOf' | 'since' | 'itemCap' | 'blend'>
>;

export interface Learning {
  readonly halfLife: string | undefined;
  readonly asOfMs: number | undefined;
  readonly window: Window | undefined;
  /** In units of a weight. */
  readonly cap: bigint | undefined;
  readonly blend: { readonly lifetime: number; readonly recent: number } | undefined;
}

type Window = { readonly ageMs: number } | { readonly fromMs: number };

const defaultWindow: Window = { ageMs: 7 * 86_400_000 };

/** AppError 'bad-usage' for what cannot be read. */
export function parseLearning({ halfLife, asOf, since, itemCap, blend }: LearningOptions): Learning {
  const shares = blend === undefined ? undefined : parseBlend(blend);
  const window = since === undefined ? undefined : parseWindow(since);
  return {
    halfLife,
    asOfMs: asOf === undefined ? undefined : parseAsOf(asOf),
    window: window ?? (shares === undefined ? undefined : defaultWindow),
    cap: itemCap === undefined ? undefined : BigInt(Math.round(itemCap * Number(weightUnits))),
    blend: shares,
  };
}

function parseBlend(text: string): { readonly lifetime: number; readonly recent: number } {
  const match = /^lifetime=(\d+(?:\.\d+)?),recent=(\d+(?:\.\d+)?)$/.exec(text);
  const [lifetime, recent] = [Number(match?.[1]), Number(match?.[2])];
  if (lifetime + recent > 0) return { lifetime, recent };
  throw refusedOption('blend', text, 'shares that are not both 0, such as lifetime=0.7,recent=0.3');
}

function parseWindow(text: string): Window {
  const ageMs = parseAge(text);
  if (ageMs !== undefined) return { ageMs };
  if (/^\d{4}-/.test(text)) return { fromMs: parseAsOf(text) };
  throw refusedOption('since', text, 'an age such as 7d, or a time such as 2024-05-31');
}

/** A part of what a vector is made from: its pairs, and how much the vector made of them counts. */
export interface LearnedPart {
  readonly pairs: Pairs;
  readonly share: number;
}

/** Of a single user. @param momentMs of the user */
export function learnedParts(
  pairs: Pairs,
  momentMs: number,
  { window, cap, blend }: Learning,
): LearnedPart[] {
  const counted = cap === undefined ? pairs : capped(pairs, cap);
  if (window === undefined) return [{ pairs: counted, share: 1 }];
  const fromMs = 'ageMs' in window ? momentMs - window.ageMs : window.fromMs;
  const recent = pairsSince(counted, BigInt(fromMs));
  if (blend === undefined) return [{ pairs: recent, share: 1 }];
  if (recent.item.length === 0) return [{ pairs: counted, share: 1 }];
  return [
    { pairs: counted, share: blend.lifetime },
    { pairs: recent, share: blend.recent },
  ].filter(({ share }) => share > 0);
}

function capped(pairs: Pairs, most: bigint): Pairs {
  return { ...pairs, weight: pairs.weight.map((weight) => (weight > most ? most : weight)) };
}

/** What has no time is of before. */
function pairsSince(pairs: Pairs, from: bigint): Pairs {
  const kept = [...pairs.item.keys()].filter((p) => (pairs.lastAt[p] ?? noTime) >= from);
  const recent = pairsAt(pairs, kept, Uint32Array.of(0, kept.length));
  return pairs.vector === undefined ? recent : { ...recent, vector: pairs.vector };
}

/** The same pairs as if everything had happened so much later: ages are measured from one moment for everyone. */
export function movedInTime(pairs: Pairs, byMs: number): Pairs {
  if (byMs === 0) return pairs;
  const by = BigInt(byMs);
  return { ...pairs, lastAt: pairs.lastAt.map((at) => (isTime(at) ? at + by : at)) };
}

/** Σ share · vector / Σ share, in f64. [dim] */
export function blended(
  vectors: readonly { readonly vector: Float32Array; readonly share: number }[],
): Float32Array {
  const [first] = vectors;
  if (first !== undefined && vectors.length === 1) return first.vector;
  const total = vectors.reduce((sum, { share }) => sum + share, 0);
  const result = new Float64Array(first?.vector.length ?? 0);
  for (const { vector, share } of vectors)
    for (let f = 0; f < result.length; f++) result[f]! += (share / total) * (vector[f] ?? 0);
  return Float32Array.from(result);
}
