/** Canary items judged on a snapshot, through the very search that `similar` and `recommend` answer with. */
import { closing } from '../closers.js';
import type { ItemRecord } from '../contracts.js';
import { AppError } from '../errors.js';
import { maxWithin, type CanaryItem } from './gates-file.js';
import { askedOf as completed } from '../options/operation.js';
import { recommendQuery, similarQuery } from '../options/queries.js';
import { findItemRows } from '../query/find-items.js';
import type { CanaryPlace, GateVerdict } from './gates.js';
import { trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openNeighbours, type OpenNeighbours } from '../query/open-neighbours.js';
import { openRecommender } from '../query/open-recommender.js';

/** A place in an answer. */
type Place = ItemRecord & { readonly rank: number; readonly similarity?: number };

/** Items that are named where the one looked for is not. */
const named = 3;

/** What a canary item cannot be judged by: the snapshot does not know an item, or its model has no neighbours. */
const unanswerable: ReadonlySet<string> = new Set([
  ...['item-not-found', 'item-ambiguous', 'item-without-vector', 'missing-part', 'bad-usage'],
]);

/** A verdict for every item that is to be there, or not to be there; where a least similarity is given, one for that too. */
export async function judgeCanaries(
  canaries: readonly CanaryItem[],
  snapshot: OpenSnapshot,
): Promise<GateVerdict[]> {
  return closing(openNeighbours(snapshot, { inMemory: canaries.length > 1 }), async (neighbours) => {
    const verdicts: GateVerdict[] = [];
    for (const canary of canaries) verdicts.push(...(await judgeCanary(canary, neighbours)));
    return verdicts;
  });
}

async function judgeCanary(canary: CanaryItem, neighbours: OpenNeighbours): Promise<GateVerdict[]> {
  const answer = await orProblem(() => ask(canary, canary.within, neighbours));
  let further: readonly Place[] | undefined;
  const verdicts: GateVerdict[] = [];
  for (const [mustBeThere, names] of [
    [true, canary.contains],
    [false, canary.lacks],
  ] as const) {
    for (const name of names) {
      const { value: item, problem } = await orProblem(() => itemNamed(name, neighbours));
      if (answer.value === undefined || item === undefined) {
        // An item that the snapshot does not know fails either way: a misspelt canary guards nothing.
        const note = answer.problem ?? problem ?? 'it cannot be checked';
        verdicts.push(verdictOf(canary, name, mustBeThere, { passed: false, rank: null, note, item: null }));
        continue;
      }
      let place = placeOf(item, answer.value);
      // Only so that the verdict can say how far away it is.
      if (place === undefined && mustBeThere) {
        further ??= await ask(canary, maxWithin, neighbours);
        place = placeOf(item, further);
      }
      verdicts.push(...judge(canary, name, mustBeThere, { item, place, first: answer.value }));
    }
  }
  return verdicts;
}

/** What was found of one item. */
interface Found {
  readonly item: ItemRecord;
  readonly place: Place | undefined;
  readonly first: readonly Place[];
}

function judge(canary: CanaryItem, name: string, mustBeThere: boolean, found: Found): GateVerdict[] {
  const { within, minSimilarity } = canary;
  const { item, place, first } = found;
  // Asked for more, an index reads further, and may find what it misses in the answer that readers get.
  const isThere = first.some(({ id }) => id === item.id);
  const rank = place !== undefined && (isThere || place.rank > within) ? place.rank : null;
  const passed = isThere === mustBeThere;
  const instead = passed || !mustBeThere ? [] : first.slice(0, named);
  const note = passed ? null : mustBeThere ? absence(place, within) : `it is number ${rank ?? 0}`;
  const verdict = verdictOf(canary, name, mustBeThere, { passed, rank, note, item, instead });
  if (!mustBeThere || minSimilarity === undefined) return [verdict];
  const similarity = rank === null ? null : (place?.similarity ?? null);
  return [
    verdict,
    {
      ...verdict,
      name: `${askedOf(canary)}: similarity of ${name}`,
      value: similarity,
      required: `>=${minSimilarity}`,
      passed: similarity !== null && similarity >= minSimilarity,
      note: similarity === null ? 'it is too far down to be measured' : null,
      canary: { ...verdict.canary!, measure: 'similarity', instead: [] },
    },
  ];
}

function absence(place: Place | undefined, within: number): string {
  if (place === undefined) return `it is not among the first ${maxWithin}`;
  return place.rank > within ? `it is number ${place.rank}` : 'the index does not find it';
}

type Judged = Pick<GateVerdict, 'passed' | 'note'> &
  Pick<CanaryPlace, 'rank' | 'item'> &
  Partial<CanaryPlace>;

/** The verdict on the rank of an item. */
function verdictOf(
  canary: CanaryItem,
  name: string,
  mustBeThere: boolean,
  { passed, note, rank, item, instead = [] }: Judged,
): GateVerdict {
  const question = askedOf(canary);
  return {
    ...({ kind: 'canary', judged: true, source: canary.source } as const),
    name: `${question} ${mustBeThere ? 'contains' : 'lacks'} ${name}`,
    value: rank,
    required: `${mustBeThere ? '<=' : '>'}${canary.within}`,
    ...{ passed, note },
    canary: { asked: canary.asked.kind, question, measure: 'rank', item, rank, instead },
  };
}

async function ask(canary: CanaryItem, k: number, neighbours: OpenNeighbours): Promise<readonly Place[]> {
  const { asked } = canary;
  // A gate's answer is its verdict: what an answer tells beside it has no reader.
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  if (asked.kind === 'similar') {
    const options = completed(similarQuery, { items: asked.items, minus: asked.minus, k });
    return (await neighbours.similar(options, context)).neighbours;
  }
  const { like, dislike } = asked;
  const options = completed(recommendQuery, { like, dislike, k });
  return closing(openRecommender(neighbours.snapshot, { inMemory: false }), async (recommender) => {
    const [answer] = await recommender.recommend(options, context);
    return answer?.recommendations ?? [];
  });
}

function itemNamed(name: string, { catalogue, snapshot }: OpenNeighbours): ItemRecord {
  const [row = 0] = findItemRows(catalogue, [name], snapshot.manifest.inputs.interactions.items);
  return catalogue.record(trainedKind, row);
}

function placeOf(item: ItemRecord, places: readonly Place[]): Place | undefined {
  return places.find(({ id }) => id === item.id);
}

/** The value, or in a sentence why there is none. */
async function orProblem<T>(
  find: () => T | Promise<T>,
): Promise<{ readonly value?: T; readonly problem?: string }> {
  try {
    return { value: await find() };
  } catch (error) {
    if (!(error instanceof AppError) || !unanswerable.has(error.code)) throw error;
    const [suggestion] = error.suggestions;
    const meant = suggestion?.startsWith('did you mean') === true ? `; ${suggestion}` : '';
    return { problem: `${error.message}${meant}` };
  }
}

function askedOf({ asked }: CanaryItem): string {
  if (asked.kind === 'similar') return ['similar', signed(asked.items, asked.minus)].join(' ');
  return ['recommend', signed(asked.like, asked.dislike)].join(' ');
}

function signed(plus: readonly string[], minus: readonly string[]): string {
  return [plus.join(' + '), ...minus].filter((text) => text !== '').join(' − ');
}
