/**
 * What `train` trains where no model is named: a short validation picks it. Only models with vectors are chosen. The same
 * pairs and seed give the same choice on any machine and number of threads: its work is bounded by counts, not by a clock.
 */
import { closing } from '../../closers.js';
import type { Count, Pairs, Ranker, TaskContext, Text } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { findModel, resolveOptions } from '../../models/all-models.js';
import type {
  FitRun,
  FittedModel,
  GivenOptions,
  ModelName,
  ModelOptions,
  ModelPlan,
} from '../../models/model.js';
import { pairedInterval } from '../../numeric/paired-interval.js';
import { measuredUsers, type HeldOut } from '../../numeric/split-pairs.js';
import type { RankingQuality } from '../evaluate-ranker.js';
import { heldOutMeasure } from '../holdout-metrics.js';
import { measurableUsers, sampleOfUsers } from './choice-sample.js';

/** A model that was tried. */
export interface TriedModel {
  readonly model: ModelName;
  /** Its options, where they are not what they are anyway. */
  readonly options: ModelOptions;
  /** NDCG@10 on the held-out pairs. */
  readonly ndcg: number;
  /** What it has more than als for the same users, with the 95 % interval; null for als. */
  readonly difference: { readonly mean: number; readonly low: number; readonly high: number } | null;
}

export interface ChosenModel {
  readonly model: ModelName;
  /** What is typed to get the same: by flag name. */
  readonly options: ModelOptions;
  readonly reason: Text;
  /** Users whose held-out pairs were ranked; 0 where there was nothing to decide by. */
  readonly users: Count;
  readonly tried: readonly TriedModel[];
}

/** What is known before anything is trained. */
export interface PlannedChoice {
  /** Where there is nothing to try. */
  readonly decided: ChosenModel | undefined;
  readonly candidates: readonly ModelName[];
  /** Users that candidates are trained on. */
  readonly users: Count;
  /** Of one thread, about. */
  readonly seconds: number;
  choose(run: ChoiceRun, context: TaskContext): Promise<ChosenModel>;
}

interface ChoiceRun {
  readonly threads: number;
  readonly clock: () => number;
}

/** Fewer say nothing: their interval is wider than what models differ by. */
const leastUsers = 300;
/** Held-out pairs of so many users are ranked at most, and so many scores are made by a model. */
const mostMeasured = 2000;
const mostScores = 8e7;
/** Of the work of training als and slim, by expectation: with what starting threads takes, a quarter by measurement. */
const shareOfWork = 0.15;
/** What it may take in any case: a smaller sample would say nothing. */
const leastSeconds = 1;
const leastSample = 1000;
/** Of a score, about, in all rankings of what is tried. */
const secondsPerScore = 25e-9;
/** Users that the number of epochs is found by, and epochs after which als is measured. */
const usersForEpochs = 4000;
const rungs = [1, 2, 4, 8, 16];
/** What is a difference, as a share of NDCG. */
const margin = 0.005;

const k = 10;

/** What is blended with als, or with what has better vectors than als. */
const second = 'slim';
const otherVectors = 'spectral';
const trained = ['als', second, otherVectors] as const;
/** Of what is tried, where training takes the longer the denser the pairs are: no fewer say as well which model is better. */
const ofTrials: GivenOptions = { neighbours: 50 };
type WithVectors = Exclude<(typeof trained)[number], typeof second>;
const blendOf = (vectors: WithVectors) => `${vectors}+${second}` as const;
const candidates = ['als', blendOf('als'), blendOf(otherVectors)] as const satisfies readonly ModelName[];

export function planChoice(pairs: Pairs, seed: number): PlannedChoice {
  const users = measurableUsers(pairs);
  if (users.length < leastUsers) {
    const reason = `${users.length} users with two items or more are too few to compare models by: ${leastUsers} at least`;
    const decided: ChosenModel = { model: 'als', options: {}, users: 0, tried: [], reason };
    return { decided, candidates: ['als'], users: 0, seconds: 0, choose: () => Promise.resolve(decided) };
  }
  const ofEpochs = sampleOfUsers(pairs, users, usersForEpochs, 1, seed);
  const epochs = secondsOf(['als'], ofEpochs.train, seed);
  const all = secondsOf(['als'], pairs, seed) + secondsOf([second], pairs, seed, {});
  const most = Math.max(leastSeconds, shareOfWork * all - epochs);
  const smallest = Math.min(users.length, leastSample);
  let count = users.length;
  let heldOut = sampleOfUsers(pairs, users, count, 1, seed);
  let seconds = secondsOfChoice(heldOut, seed);
  while (seconds > most && count > smallest) {
    count = Math.max(smallest, Math.floor(count * Math.max(0.1, (0.9 * most) / seconds)));
    // Among few users most items are of one, whom no model can find for another.
    heldOut = sampleOfUsers(pairs, users, count, 2, seed);
    seconds = secondsOfChoice(heldOut, seed);
  }
  return {
    decided: undefined,
    candidates,
    users: count,
    seconds: epochs + seconds,
    async choose(run, context) {
      const epochsOfAls = await new Choosing(ofEpochs, seed, run, context).epochsOfAls();
      return new Choosing(heldOut, seed, run, context).choose(epochsOfAls);
    },
  };
}

/** The choice at once. */
export async function chooseModel(
  pairs: Pairs,
  seed: number,
  threads: number,
  context: TaskContext,
): Promise<ChosenModel> {
  return planChoice(pairs, seed).choose({ threads, clock: () => performance.now() / 1000 }, context);
}

function measuredOf({ numItems }: Pairs): number {
  return Math.max(leastUsers, Math.min(mostMeasured, Math.floor(mostScores / numItems)));
}

/** Of training all that is tried, and of its rankings. */
function secondsOfChoice({ train }: HeldOut, seed: number): number {
  const scores = Math.min(measuredOf(train), train.numUsers) * train.numItems;
  return secondsOf(trained, train, seed) + scores * secondsPerScore;
}

/** Of training, on one thread; of what does not fit none. */
function secondsOf(names: readonly ModelName[], pairs: Pairs, seed: number, ofSecond = ofTrials): number {
  return names.reduce((sum, name) => {
    const plan = planOf(name, name === second ? ofSecond : {}, pairs, seed);
    return sum + (plan?.expectation(1).seconds ?? 0);
  }, 0);
}

/** undefined where it does not fit. */
function planOf(name: ModelName, options: GivenOptions, pairs: Pairs, seed: number): ModelPlan | undefined {
  const model = findModel(name);
  return ifItFits(() => model.plan({ pairs }, resolveOptions(model, options), seed));
}

/** By counts alone: the limit of kernel memory is the same on all machines. */
function ifItFits<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof AppError && error.code === 'too-large') return undefined;
    throw error;
  }
}

/** [users] NDCG@10 */
type ByUser = Float64Array;

export interface Tried {
  readonly model: ModelName;
  readonly options: ModelOptions;
  readonly byUser: ByUser;
}

class Choosing {
  readonly #heldOut: HeldOut;
  readonly #seed: number;
  readonly #run: ChoiceRun;
  readonly #context: TaskContext;
  readonly #quiet: TaskContext;

  constructor(heldOut: HeldOut, seed: number, run: ChoiceRun, context: TaskContext) {
    this.#heldOut = heldOut;
    this.#seed = seed;
    this.#run = run;
    this.#context = context;
    this.#quiet = { ...context, onProgress: () => undefined };
  }

  /** @param ofAls its options, where they are not what they are anyway */
  async choose(ofAls: ModelOptions): Promise<ChosenModel> {
    this.#tell(1);
    return closing((await this.#fit('als', ofAls))!, async (first) => {
      const als: Tried = { model: 'als', options: ofAls, byUser: await this.#measure(first) };
      this.#tell(2);
      const fittedSecond = await this.#fit(second, ofTrials);
      if (fittedSecond === undefined) return chosenOf({ als, vectors: als, blends: [] });
      return closing(fittedSecond, async (member) => {
        const blends = [await this.#blend('als', als.options, { first, second: member })];
        this.#tell(3);
        const fittedOther = await this.#fit(otherVectors);
        if (fittedOther === undefined) return chosenOf({ als, vectors: als, blends });
        return closing(fittedOther, async (other) => {
          const vectors: Tried = { model: otherVectors, options: {}, byUser: await this.#measure(other) };
          // Where als has the better vectors, they are what is blended.
          if (!isSurelyBetter(vectors, als)) return chosenOf({ als, vectors: als, blends });
          blends.push(await this.#blend(otherVectors, {}, { first: other, second: member }));
          return chosenOf({ als, vectors, blends });
        });
      });
    });
  }

  #tell(done: number): void {
    const step = { kind: 'step', phase: 'choosing a model', done, total: 1 + trained.length } as const;
    this.#context.onProgress({ ...step, unit: 'trainings' });
  }

  async #measure(ranker: Ranker): Promise<ByUser> {
    const { train } = this.#heldOut;
    const measure = heldOutMeasure(this.#heldOut, [k], this.#seed, measuredOf(train));
    return ndcgOf(await measure(ranker, this.#quiet));
  }

  async #fit(
    name: ModelName,
    options: GivenOptions = {},
    hooks: Pick<FitRun, 'afterEpoch'> = {},
  ): Promise<FittedModel | undefined> {
    const plan = planOf(name, options, this.#heldOut.train, this.#seed);
    return plan?.fit({ ...this.#run, ...hooks, context: this.#quiet });
  }

  async #blend(
    vectors: WithVectors,
    ofFirst: ModelOptions,
    members: { readonly first: Ranker; readonly second: Ranker },
  ): Promise<Tried> {
    const { histories, targets } = measuredUsers(this.#heldOut, measuredOf(this.#heldOut.train), this.#seed);
    const model = blendOf(vectors);
    const run = { threads: this.#run.threads, context: this.#quiet };
    const { weight, byUser } = await findModel(model).weigh!(members, histories, targets, run);
    return { model, options: { ...ofFirst, 'blend-weight': weight }, byUser };
  }

  /** Fewer epochs than by default, where it falls after them: `{ epochs }`, else none. It ends where it surely rises, or has fallen. */
  async epochsOfAls(): Promise<ModelOptions> {
    this.#tell(0);
    const measured: Tried[] = [];
    const seen: { best: Tried | undefined; hasFallen: boolean } = { best: undefined, hasFallen: false };
    const afterEpoch: FitRun['afterEpoch'] = async ({ epoch }, ranker) => {
      if (!rungs.includes(epoch)) return true;
      const now: Tried = { model: 'als', options: { epochs: epoch }, byUser: await this.#measure(ranker) };
      const before = measured.at(-1);
      measured.push(now);
      if (seen.best === undefined || meanOf(now.byUser) > meanOf(seen.best.byUser)) seen.best = now;
      seen.hasFallen = isBelow(now, seen.best);
      const isRising = epoch >= 4 && before !== undefined && isSurelyBetter(now, before);
      return !seen.hasFallen && !isRising && epoch !== rungs.at(-1);
    };
    const fitted = await this.#fit('als', {}, { afterEpoch });
    await fitted?.close();
    return seen.hasFallen ? (seen.best?.options ?? {}) : {};
  }
}

/** By the margin, and by more than the standard error: fewer epochs cost less, so that more is not asked for. */
function isBelow(now: Tried, best: Tried): boolean {
  const { mean, low } = pairedInterval(best.byUser, now.byUser);
  return mean > margin * meanOf(best.byUser) && mean > (mean - low) / 1.96;
}

function isSurelyBetter(one: Tried, other: Tried): boolean {
  return pairedInterval(one.byUser, other.byUser).low > margin * meanOf(other.byUser);
}

/**
 * A blend, but where als is as good: on every set of data that was tried one was better (docs/internals/tuning.md), so that this
 * is believed where a sample cannot tell. Of two blends that of the better vectors, but where the other one is surely better: a
 * validation part likes rare items more than users do, and a blend's second member more than its first.
 * @param vectors what has the better ones, als or spectral
 */
export function chosenOf({
  als,
  vectors,
  blends,
}: {
  readonly als: Tried;
  readonly vectors: Tried;
  readonly blends: readonly Tried[];
}): ChosenModel {
  const better = blends.filter(({ byUser }) => meanOf(byUser) > meanOf(als.byUser));
  const ownBlend = better.find(({ model }) => model.startsWith(vectors.model));
  const others = better.filter((blend) => ownBlend === undefined || isSurelyBetter(blend, ownBlend));
  const chosen = others[0] ?? ownBlend ?? als;
  const all = [als, ...(vectors === als ? [] : [vectors]), ...blends];
  const tried = all.map(({ model, options, byUser }) => ({
    ...{ model, options, ndcg: meanOf(byUser) },
    difference: byUser === als.byUser ? null : pairedInterval(byUser, als.byUser),
  }));
  const reason =
    blends.length === 0
      ? 'no other model fits into memory'
      : chosen === als
        ? 'als is as good as a blend'
        : 'the blend is better';
  return { model: chosen.model, options: chosen.options, reason, users: als.byUser.length, tried };
}

function ndcgOf({ perUser, columns, users }: RankingQuality): ByUser {
  const column = columns.indexOf(`ndcg@${String(k)}`);
  return Float64Array.from({ length: users }, (_, u) => perUser[u * columns.length + column] ?? 0);
}

function meanOf(values: ByUser): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
