/** A blend: two models that are trained on the same pairs, and whose scores, standardised user by user, are added up. */
import { closing, handingOn } from '../../closers.js';
import { openPool, poolBytes } from '../../compute/pool.js';
import type { Pairs, Progress, Ranker } from '../../contracts.js';
import { holdOut, measuredUsers } from '../../numeric/split-pairs.js';
import { counted } from '../../number-text.js';
import { processBytes } from '../fitting.js';
import { givenNumber, inRange } from '../given-options.js';
import type {
  FitRun,
  FittedModel,
  GivenOptions,
  Model,
  ModelName,
  ModelOptions,
  ModelPlan,
  Solver,
  TrainingData,
} from '../model.js';
import { chooseWeight, type WeightChoice, type WeightPrior } from './choose-weight.js';
import { blendSizes, blendWeight, openBlendRanker, rankBlend, type Members } from './rank-blend.js';

/** Changed whenever the same members would be blended otherwise than before. */
const blendVersion = 1;

/** What is said of when listening ages holds for both members; every other option belongs to the first that takes it. */
const ofBoth = ['half-life', 'as-of'];

/** Of each user's pairs, to choose the weight by; users measured at most, and scores of each member. */
const heldOutShare = 0.1;
const mostUsers = 4000;
const mostScores = 2 ** 28;
/** Epochs of the first member that are enough to choose by: so many whatever is asked for, since training may end early. */
const epochsToChoose = 6;

/**
 * @param first has vectors, whose fold, epochs and options are the blend's @param second is trained in closed form and
 *   scores by the history itself; it weighs pairs by its defaults
 */
export function blendOf(name: ModelName, first: Model, second: Model, prior: WeightPrior): Model {
  const ofFirst = (given: GivenOptions): GivenOptions => only(given, (flag) => first.flags.includes(flag));
  const ofSecond = (given: GivenOptions): GivenOptions =>
    only(
      given,
      (flag) => second.flags.includes(flag) && (!first.flags.includes(flag) || ofBoth.includes(flag)),
    );
  const secondOptions = (options: ModelOptions): ModelOptions => second.resolve(ofSecond(options));
  const added = second.flags.filter((flag) => !first.flags.includes(flag));
  return {
    name,
    algorithmVersion: versionOf(first.algorithmVersion, second.algorithmVersion),
    scorer: 'blend',
    fold: first.fold,
    epochs: first.epochs,
    readsOrder: first.readsOrder,
    isDistributable: false,
    flags: [...first.flags, ...added, blendWeight],
    resolve(given) {
      const weight = given[blendWeight] ?? 'auto';
      const ownOfSecond = only(second.resolve(ofSecond(given)), (flag) => added.includes(flag));
      return {
        ...first.resolve(ofFirst(given)),
        ...(ownOfSecond as ModelOptions),
        [blendWeight]:
          weight === 'auto' ? weight : inRange('blendWeight', givenNumber(given, blendWeight, 0)),
      };
    },
    dim: (options) => first.dim(ofFirst(options) as ModelOptions),
    plan: (data, options, seed, solver) =>
      planBlend({ first, second }, data, {
        prior,
        first: { ...(ofFirst(options) as ModelOptions) },
        second: secondOptions(options),
        weight: options[blendWeight] === 'auto' ? undefined : givenNumber(options, blendWeight, 0),
        ...{ seed, solver },
      }),
    weigh: (members, histories, targets, run) => weighMembers(members, histories, targets, prior, run),
  };
}

/** One number for both members' and the blend's own. */
function versionOf(first: number, second: number): number {
  return (first * 100 + second) * 100 + blendVersion;
}

function only(given: GivenOptions, isTaken: (flag: string) => boolean): GivenOptions {
  return Object.fromEntries(Object.entries(given).filter(([flag]) => isTaken(flag)));
}

interface BlendOptions extends Members<ModelOptions> {
  readonly prior: WeightPrior;
  /** undefined: chosen by what is held out. */
  readonly weight: number | undefined;
  readonly seed: number;
  readonly solver: Solver | undefined;
}

function planBlend(models: Members<Model>, data: TrainingData, options: BlendOptions): ModelPlan {
  const { seed, solver, weight } = options;
  const first = models.first.plan(data, options.first, seed, solver);
  const second = models.second.plan(data, options.second, seed);
  const { algorithmVersion, scorer, name } = models.second;
  const numEpochs = givenNumber(options.first, 'epochs', undefined);
  const toChoose = numEpochs === undefined ? {} : { epochs: epochsToChoose };
  return {
    modelBytes: first.modelBytes + second.modelBytes,
    parameters: { ...first.parameters, ...(weight === undefined ? {} : { [blendWeight]: weight }) },
    ...(first.solver === undefined
      ? {}
      : {
          solver: {
            ...first.solver,
            engine: {
              name: first.solver.engine.name,
              algorithmVersion: versionOf(first.solver.engine.algorithmVersion, algorithmVersion),
            },
          },
        }),
    second: {
      ...{ name, algorithmVersion, scorer, options: options.second },
      ...(second.parameters === undefined ? {} : { parameters: second.parameters }),
    },
    expectation(threads) {
      const [one, other] = [first.expectation(threads), second.expectation(threads)];
      const scoring = poolBytes({ threads, ...blendSizes(data.pairs.numItems) });
      const choosing =
        weight === undefined
          ? one.seconds * (numEpochs === undefined ? 1 : epochsToChoose / numEpochs) + other.seconds
          : 0;
      return {
        // The first member stays in memory while the second is trained.
        memoryBytes: one.memoryBytes + other.memoryBytes - processBytes + scoring,
        seconds: one.seconds + other.seconds + choosing,
      };
    },
    async fit(run) {
      const { shared = (_, __, make) => make() } = run;
      let share = weight;
      if (share === undefined) {
        const ofChoice = { ...options, first: { ...options.first, ...toChoose } };
        const key = JSON.stringify([ofChoice.first, options.second, seed]);
        const chosen = await shared('weight', key, () => chosenWeight(models, data, ofChoice, run));
        share = chosen.weight;
        run.context.onProgress({ kind: 'note', message: noteOf(chosen, models.second, options.prior) });
      }
      const key = JSON.stringify([options.second, seed]);
      return fitBoth({ first, second }, models, share, run, key);
    },
  };
}

function noteOf({ weight, curve, users }: WeightChoice, { name }: Model, prior: WeightPrior): string {
  const chosen = `weight of ${name} in the blend: ${weight}`;
  if (users === 0) return `${chosen}; no pair could be held out to choose it by`;
  const ndcgAt = (wanted: number): number => curve.find((point) => point.weight === wanted)?.ndcg ?? 0;
  const at = (wanted: number): string => ndcgAt(wanted).toFixed(4);
  const best = curve.reduce((one, other) => (other.ndcg > one.ndcg ? other : one));
  const why =
    best.ndcg > ndcgAt(weight)
      ? `; ${best.weight} would have ${at(best.weight)}, but is not so much better that it is believed over one nearer to ${prior.weight}, the best on most data`
      : '';
  const alone = `of either member alone ${at(0)} and ${at(1)}`;
  return `${chosen}, by the held-out items of ${counted(users, 'user')} (NDCG@10 ${at(weight)}; ${alone}${why})`;
}

/** Trains both members without a part of the pairs, and chooses the weight by it. */
async function chosenWeight(
  models: Members<Model>,
  { pairs, ...more }: TrainingData,
  options: BlendOptions,
  run: FitRun,
): Promise<WeightChoice> {
  const { seed, solver } = options;
  const heldOut = holdOut(pairs, heldOutShare, seed);
  const most = Math.max(1, Math.min(mostUsers, Math.floor(mostScores / pairs.numItems)));
  const { histories, targets } = measuredUsers(heldOut, most, seed);
  const data = { pairs: heldOut.train as Pairs, ...more };
  const { threads, clock, context } = run;
  const quiet: FitRun = {
    threads,
    clock,
    context: { ...context, onProgress: named(context.onProgress, 'to choose the weight') },
  };
  return closing(await models.first.plan(data, options.first, seed, solver).fit(quiet), async (first) =>
    closing(await models.second.plan(data, options.second, seed).fit(quiet), async (second) =>
      weighMembers({ first, second }, histories, targets, options.prior, run),
    ),
  );
}

/** Chooses the weight of members that are trained: they stay the caller's. */
async function weighMembers(
  members: Members<Ranker>,
  histories: Pairs,
  targets: Pairs,
  prior: WeightPrior,
  { threads, context: { signal } }: Pick<FitRun, 'threads' | 'context'>,
): Promise<WeightChoice> {
  return closing(openPool({ threads, ...blendSizes(histories.numItems), signal }), async (pool) =>
    chooseWeight(rankBlend(pool, members), histories, targets, prior),
  );
}

/** Steps of a part of the work, by its name; notes of it are left out, since the training itself gives them. */
function named(onProgress: (progress: Progress) => void, what: string): (progress: Progress) => void {
  return (progress) => {
    if (progress.kind === 'step') onProgress({ ...progress, phase: `${progress.phase}, ${what}` });
  };
}

/** Epochs, checkpoints and what stops early are the first member's. */
async function fitBoth(
  plans: Members<ModelPlan>,
  models: Members<Model>,
  share: number,
  run: FitRun,
  key: string,
): Promise<FittedModel> {
  const { threads, clock, context, shared } = run;
  return handingOn(await plans.first.fit(run), async (first) => {
    const own = { ...context, onProgress: named(context.onProgress, models.second.name) };
    const fitSecond = (): Promise<FittedModel> => plans.second.fit({ threads, clock, context: own });
    const trained =
      shared === undefined
        ? await fitSecond()
        : { ...(await shared(models.second.name, key, fitSecond)), close: () => Promise.resolve() };
    return handingOn(trained, async (second) => {
      return {
        ...(await openBlendRanker({ first, second }, share, threads, context)),
        epochs: first.epochs,
        parameters: { [blendWeight]: share },
        *files() {
          yield* first.files();
          yield* second.files();
        },
        userVectors: (histories: Pairs, context: FitRun['context']) => first.userVectors(histories, context),
        itemVectors: () => first.itemVectors(),
      };
    });
  });
}
