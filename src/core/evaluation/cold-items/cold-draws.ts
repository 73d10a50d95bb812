/** `split` cold-items: items that training never sees, drawn with one seed after another, and who should find them. */
import type { TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import type { CountedEvents } from '../../events/interactions-hash.js';
import { pickPairs } from '../../events/pick-pairs.js';
import { itemTableOfEvents, readItemTable } from '../../events/read-items.js';
import { itemTextOptions, type TextOptionsOfBoth } from '../../events/text-options.js';
import { featureTable } from '../../tables/grown-column.js';
import { learnFeatures, type FeatureTable } from '../../models/features/item-features.js';
import { coldSplit, mark } from '../../numeric/splits.js';
import { isWanted, pairsMarked } from '../../numeric/split-pairs.js';
import { usualSplit } from '../../options/catalogue/model-options.js';
import type { About, Candidate } from '../evaluation-candidate.js';
import {
  nobodyToMeasure,
  readFiles,
  remarksOn,
  type SplitOptions,
  type SplitSummary,
} from '../evaluation-split.js';
import { measuredOf, type MeasuredSplit } from '../measured-split.js';
import {
  mappedVectors,
  meanVectors,
  rankByOwnPlays,
  rankByPopularity,
  rankByVectors,
  type ColdItems,
  type TrainedVectors,
} from './cold-rankers.js';
import { reordered } from '../../tables/item-rows.js';
import { itemCategories, type ItemCategories } from './item-categories.js';

type ColdOptions = SplitOptions &
  TextOptionsOfBoth & { readonly items?: string | undefined; readonly by?: string | undefined };

/** A model with vectors, trained on what it is given. */
export interface ColdModel {
  readonly about: About;
  /** @param items what is known of them, by row; rows after those of training may follow */
  fit(train: CountedEvents, seed: number, context: TaskContext, items: FeatureTable): Promise<TrainedVectors>;
}

export interface EvaluatedDraw {
  /** The last one is what the others are compared with. */
  readonly candidates: Iterable<Candidate> | AsyncIterable<Candidate>;
  readonly summary: SplitSummary;
}

interface ColdDraw extends ColdItems {
  /** Histories and targets have rows of all items, `train` those of training. */
  readonly split: MeasuredSplit;
  readonly numMeasurable: number;
}

/** Fewer users cannot say whether an item was found; more make no difference to a mean over them. */
const [leastUsers, mostUsers] = [5, 4000];
/** That of `seed`, and those after it. */
const numSeeds = 3;

/**
 * Each draw is made when it is asked for. AppErrors of reading, 'bad-usage' without a column of categories,
 * 'bad-input-file' where held-out items have none in common with others, 'empty-input' where nobody can be measured.
 */
export async function coldDraws(
  options: ColdOptions,
  models: readonly ColdModel[],
  context: TaskContext,
): Promise<Iterable<EvaluatedDraw>> {
  const { interactions, itemParts, itemDetails } = await readFiles(options, options.events, context);
  const table =
    options.items === undefined
      ? itemTableOfEvents(interactions.items, itemParts, itemDetails)
      : await readItemTable(options.items, { ...itemTextOptions(options), ...context });
  const { by, ...categories } = itemCategories(interactions.items, table, options.by);
  return (function* () {
    for (let seed = options.seed; seed < options.seed + numSeeds; seed++) {
      const draw = drawItems(interactions, categories, options, seed);
      yield measuredDraw(draw, by, options, seed, models, context);
    }
  })();
}

/** Validation holds out items of what 'test' trains on, in the same way. */
function drawItems(
  all: CountedEvents,
  categories: ItemCategories,
  { part, testShare: share = usualSplit.testShare }: Pick<ColdOptions, 'part' | 'testShare'>,
  seed: number,
): ColdDraw {
  const { pairs } = all;
  const { marks, cold, numMeasurable } = coldSplit(pairs, { share, seed, leastUsers, mostUsers });
  const { events: train, itemNow, userBefore } = pickPairs(all, marks, mark.train);
  const numWarm = train.items.length;
  const numItems = numWarm + cold.length;
  cold.forEach((i, at) => (itemNow[i] = numWarm + at));
  const before = new Uint32Array(numItems);
  itemNow.forEach((row, i) => row >= 0 && (before[row] = i));
  const columns = categories.columns.map((column) => reordered(column, Array.from(before)));
  const own = { columns, count: categories.count, of: (row: number) => categories.of(before[row]!) };
  if (part === 'valid') return drawItems(train, own, { part: 'test', testShare: share }, seed);

  const historyOf = new Int32Array(pairs.numUsers).fill(-1);
  userBefore.forEach((u, row) => (historyOf[u] = row));
  const popularity = new Uint32Array(numItems);
  pairs.item.forEach((i, p) => isWanted(pairs, p) && itemNow[i]! >= 0 && (popularity[itemNow[i]!]! += 1));
  const targets = pairsMarked(pairs, marks, mark.target);
  const rules = { leaveOutSeen: true, leaveOutNewUsers: true };
  const measured = measuredOf(targets, itemNow, { ...train.pairs, numItems }, historyOf, rules);
  const table = featureTable(columns);
  const features = learnFeatures(
    table,
    Uint32Array.from({ length: numWarm }, (_, row) => row),
  );
  const items = {
    numWarm,
    numItems,
    numUsers: train.users.length,
    categories: own,
    table,
    features,
    popularity,
  };
  return { split: { train, ...measured }, ...items, numMeasurable };
}

function measuredDraw(
  draw: ColdDraw,
  by: string,
  options: ColdOptions,
  seed: number,
  models: readonly ColdModel[],
  context: TaskContext,
): EvaluatedDraw {
  const { split, numWarm, numItems, categories, features } = draw;
  const { train, histories, targets, findings } = split;
  const users = histories.numUsers;
  if (users === 0) throw nobodyToMeasure('cold-items', options);
  const known = new Set(Array.from({ length: numWarm }, (_, i) => [...categories.of(i)]).flat());
  const items = numItems - numWarm;
  const without = Array.from({ length: items }, (_, at) => categories.of(numWarm + at));
  const itemsWithout = without.filter((own) => !own.some((c) => known.has(c))).length;
  if (itemsWithout === items) {
    const file = options.items ?? options.events.join(', ');
    throw new AppError('bad-input-file', `${file}: no new item has the ${by} of an item of training`, {
      suggestions: ['check the ids: items need the same ones in events and table', 'or another column: `by`'],
    });
  }
  const strange = `${String(itemsWithout)} of ${String(items)} new items have no ${by} that an item of training has: they score 0`;
  for (const message of [...(itemsWithout > 0 ? [strange] : []), ...remarksOn(findings, targets, true)])
    context.onProgress({ kind: 'warning', message: `seed ${String(seed)}: ${message}` });
  const drawn = { users, targets: targets.item.length };
  return {
    candidates: candidatesOf(draw, by, models, seed),
    summary: {
      ...{ kind: 'cold-items', part: options.part, seed, recallOver: 'targets', ...drawn },
      ...{ testShare: options.testShare ?? usualSplit.testShare, heldOutUsers: null, splitAt: null },
      train: { users: train.users.length, items: numWarm, pairs: train.pairs.item.length },
      popularity: null,
      cold: {
        by,
        used: features.used,
        leftOut: features.leftOut,
        seeds: [{ seed, items, itemsWithout, drawnFrom: draw.numMeasurable, ...drawn }],
      },
    },
  };
}

/** Models are trained one after the other, each once for both of its rows. */
async function* candidatesOf(
  draw: ColdDraw,
  by: string,
  models: readonly ColdModel[],
  seed: number,
): AsyncGenerator<Candidate> {
  const { split: measured, popularity, numItems, numWarm } = draw;
  const candidate = (about: About, open: Candidate['open']): Candidate => {
    return { about, measured, popularity, numRanked: numItems - numWarm, open };
  };
  for (const { about, fit } of models) {
    let trained: TrainedVectors | undefined;
    const open = (vectorsOf: typeof meanVectors) => async (inner: TaskContext) => {
      trained ??= await fit(measured.train, seed, inner, draw.table);
      return rankByVectors(draw, trained, vectorsOf, inner);
    };
    const name = `mean vector of ${by} (${about.name})`;
    try {
      yield candidate({ ...about, name: `${about.name} + item features (ridge)` }, open(mappedVectors));
      yield candidate({ ...about, kind: 'baseline', name }, open(meanVectors));
    } finally {
      await trained?.fitted.close();
    }
  }
  const baseline = (name: string, model: string, rank: typeof rankByOwnPlays): Candidate =>
    candidate({ name, kind: 'baseline', model, options: {}, snapshot: null }, (inner) =>
      Promise.resolve(rank(draw, inner)),
    );
  yield baseline(`popularity of ${by}`, 'popularity', rankByPopularity);
  yield baseline(`own plays of ${by}`, 'own-plays', rankByOwnPlays);
}
