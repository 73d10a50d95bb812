/** The rows of a start page: parts of a history, each of another taste, with a title that says what it is made from. */
import type { Pairs } from '../../contracts.js';
import { tasteGroups, type TasteItem } from './taste-groups.js';
import type { ItemDirections } from '../item-directions.js';
import { pairsAt } from '../../numeric/split-pairs.js';
import { isLiked } from './sources.js';

export interface TasteRow {
  readonly part: Pairs;
  /** Rows of its items, those listened to most first. */
  readonly items: readonly number[];
  readonly title: string;
}

/** Items of a history that are clustered: those with most events. */
const mostItems = 500;
/** Names in a title. */
const namesInTitle = 3;

/**
 * At most `count` parts of what a history likes, the heaviest first: taste groups of its items, weighed by the root of
 * their events, so that no single favourite makes a group. None where no item has a direction.
 * @param nameOf what titles name an item by: its artist, or its own name
 */
export function tasteRows(
  history: Pairs,
  { count, fromAtLeast }: { readonly count: number; readonly fromAtLeast: number },
  directions: ItemDirections,
  nameOf: (row: number) => string,
): TasteRow[] {
  const events = (p: number): number => history.count[p]!;
  const liked = Array.from(history.item, (_, p) => p)
    .filter((p) => isLiked(history, p))
    .sort((a, b) => events(b) - events(a) || a - b)
    .slice(0, mostItems);
  const positions: number[] = [];
  const items = liked.flatMap((p): TasteItem[] => {
    const row = history.item[p]!;
    const direction = directions.of(row);
    if (direction === undefined) return [];
    positions.push(p);
    return [{ row, weight: Math.sqrt(events(p)), direction }];
  });
  if (items.length === 0) return [];
  const groups = tasteGroups(items, count, fromAtLeast).map(({ members }) =>
    members.map((at) => positions[at]!),
  );
  const playsOf = (of: readonly number[]): Map<string, number> => {
    const plays = new Map<string, number>();
    for (const p of of) {
      const name = nameOf(history.item[p]!);
      plays.set(name, (plays.get(name) ?? 0) + events(p));
    }
    return plays;
  };
  const all = playsOf(groups.flat());
  return groups.map((of) => ({
    part: pairsAt(
      history,
      [...of].sort((a, b) => a - b),
      Uint32Array.of(0, of.length),
    ),
    items: of.map((p) => history.item[p]!),
    title: `Because you listen to ${inWords(mostTelling(playsOf(of), all))}`,
  }));
}

/** The names that are played most here, before all those of which more is played in other groups together. */
function mostTelling(here: ReadonlyMap<string, number>, all: ReadonlyMap<string, number>): string[] {
  const isAtHome = (name: string): number => (2 * here.get(name)! > all.get(name)! ? 1 : 0);
  return [...here.keys()]
    .sort((a, b) => isAtHome(b) - isAtHome(a) || here.get(b)! - here.get(a)!)
    .slice(0, namesInTitle);
}

function inWords(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
