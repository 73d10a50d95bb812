/** What somebody's history says of an item, an artist or an album that they ask about. */
import type { Pairs } from '../contracts.js';
import { banned, isTime, noTime, preferred } from '../numeric/pairs.js';
import { unwantedThings, type ThingsOfItems } from '../histories/unwanted-things.js';
import { opinionOf, type Explained } from './explain-recommendations.js';

/** Why a history keeps something away. */
export type Objection = 'banned' | 'disliked' | 'heard' | 'liked';

export interface OwnOpinion {
  /** Their events with it, and the latest one's time, ISO 8601 UTC; 0 and null where there are none. */
  readonly plays: number;
  readonly lastAt: string | null;
  readonly objections: readonly Objection[];
}

export interface Opinionated extends Explained {
  readonly includeHeard: boolean;
}

/** Of an item, by its row. */
export function opinionOfItem(row: number, { history, liked, includeHeard }: Opinionated): OwnOpinion {
  const at = history.item.indexOf(row);
  if (at < 0) return { plays: 0, lastAt: null, objections: [] };
  const flags = history.flags[at] ?? preferred;
  const objections: Objection[] = [];
  if ((flags & banned) !== 0) objections.push('banned');
  if ((flags & preferred) === 0) objections.push('disliked');
  else if (!includeHeard && (history.weight[at] ?? 0n) > 0n) {
    objections.push(liked.includes(row) ? 'liked' : 'heard');
  }
  const { plays, lastAt } = opinionOf(history, at, false);
  return { plays, lastAt, objections };
}

/** Of an artist or album, by its row: of all its items together, by the rule that leaves such things out. */
export function opinionOfThing(
  row: number,
  things: ThingsOfItems,
  { history, liked, includeHeard }: Opinionated,
): OwnOpinion {
  const own = Array.from(history.item.keys()).filter((at) => things.ofItem[history.item[at]!] === row);
  const flagsOf = (at: number): number => history.flags[at] ?? preferred;
  const objections: Objection[] = [];
  const isOut = (keepsHeard: boolean): boolean => unwantedThings(things, history, keepsHeard).includes(row);
  if (isOut(true)) {
    if (own.some((at) => (flagsOf(at) & banned) !== 0)) objections.push('banned');
    if (own.some((at) => (flagsOf(at) & preferred) === 0)) objections.push('disliked');
  }
  const heard = own.filter((at) => (flagsOf(at) & preferred) !== 0 && (history.weight[at] ?? 0n) > 0n);
  if (!includeHeard && heard.length > 0 && isOut(false)) {
    objections.push(heard.every((at) => liked.includes(history.item[at]!)) ? 'liked' : 'heard');
  }
  const plays = own.reduce((sum, at) => sum + (history.count[at] ?? 0), 0);
  const latest = own.reduce<number | undefined>((last, at) => later(history, last, at), undefined);
  return {
    plays,
    lastAt: latest === undefined ? null : opinionOf(history, latest, false).lastAt,
    objections,
  };
}

function later({ lastAt }: Pairs, last: number | undefined, at: number): number | undefined {
  const time = lastAt[at] ?? noTime;
  if (!isTime(time)) return last;
  return last === undefined || time > (lastAt[last] ?? noTime) ? at : last;
}
