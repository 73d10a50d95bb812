/**
 * What `train` trains where no model is named: a short validation picks it. Only models with vectors are chosen. The same
 * pairs and seed give the same choice on any machine and number of threads: its work is bounded by counts, not by a clock.
 */
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
import { counted } from '../../number-text.js';
import { pairedInterval } from '../../numeric/paired-interval.js';
import { measuredUsers, type HeldOut } from '../../numeric/split-pairs.js';
import { rankByScore } from '../../search/score-ranking.js';
import { ofUsers, type RankingQuality } from '../evaluate-ranker.js';
import { heldOutMeasure } from '../holdout-metrics.js';
import { usersOfItems } from '../measured-split.js';
import { warnOfPopularity } from '../popularity-better.js';
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
  /** Where nothing is tried. */
  readonly decided: ChosenModel | undefined;
  /** What is likeliest: the best on most data. */
  readonly usual: Usual;
  /** That one first. */
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
/** A sample of fewer is not worth its work, where there are more. */
const leastSample = 500;
/** Held-out pairs of so many users are ranked at most, and so many scores are made by a model. */
const mostMeasured = 2000;
const mostScores = 8e7;
/** Of the work of training what is chosen, by expectation: by counts of what kernels do, at the speed of each. */
const shareOfWork = 0.25;
/** Of a score, about, in a ranking, and in all rankings by which a weight is chosen. */
const secondsPerScore = 8e-9;
const secondsPerWeighedScore = 40e-9;
/** Epochs after which als is measured, beside the last one. */
const rungs = [1, 4];
/** What is a difference, as a share of NDCG. */
const margin = 0.005;

const k = 10;

/** What is blended with als, or with what has better vectors than als. */
const second = 'slim';
const otherVectors = 'spectral';
/** In the order of what they are worth: where there is work for a few, the last ones are left out. */
const trained = ['als', second, otherVectors] as const;
type Trained = (typeof trained)[number];
/** Of what is tried, where training takes the longer the denser the pairs are: no fewer say as well which model is better. */
const ofTrials: GivenOptions = { neighbours: 50 };
type WithVectors = Exclude<Trained, typeof second>;
const blendOf = (vectors: WithVectors) => `${vectors}+${second}` as const;

/** @param share of the work of training what is chosen that choosing may take */
export function planChoice(pairs: Pairs, seed: number, share = shareOfWork): PlannedChoice {
  const users = measurableUsers(pairs);
  const plain: Usual = { model: 'als', options: {} };
  const few = `${users.length} users with two items or more are too few to compare models by: ${leastUsers} at least`;
  if (users.length < leastUsers) return decidedBy(plain, few);
  const works = worksOf(pairs, seed);
  const usual: Usual = works.second > 0 ? { model: blendOf('als'), options: {} } : plain;
  // So that a quarter of the epochs can be chosen too.
  const mostFor = (isOpen: boolean): number => share * works.training(usual.model, isOpen, 0.25);
  const fitting = trained.filter((name) => works.trial(name) > 0);
  const samples = new Map<number, Sample>();
  const sampleOf = (count: number): Sample => {
    const known = samples.get(count) ?? sampled(pairs, users, count, seed);
    samples.set(count, known);
    return known;
  };
  for (let tried = fitting; tried.length > 0; tried = tried.slice(0, -1)) {
    const all = { train: pairs, work: works.trial };
    const sample = sampleWithin(mostFor, tried, all, users.length, sampleOf);
    if (sample === undefined) continue;
    const { heldOut } = sample;
    const seconds = workOfTrials(tried, sample);
    const isOpen = heldOut.train.numUsers < users.length;
    const affords = (model: ModelName, epochs = 1): boolean =>
      seconds <= share * works.training(model, isOpen, epochs);
    const others = ['als', ...(tried.length > 2 ? [blendOf(otherVectors)] : [])] as const;
    return {
      ...{ decided: undefined, usual, users: heldOut.train.numUsers, seconds },
      candidates: [...new Set([usual.model, ...others])],
      choose: (run, context) =>
        new Choosing(heldOut, seed, isOpen, affords, run, context).choose(tried, usual),
    };
  }
  return decidedBy(usual, `${usual.model} is the best on most data, and ${tooMuch}`);
}

/** What is to be said where that is why less is tried. */
const tooMuch = 'more trials would take more than a quarter of the training’s work';

function decidedBy(usual: Usual, reason: string): PlannedChoice {
  const decided: ChosenModel = { ...usual, reason, users: 0, tried: [] };
  const choose = () => Promise.resolve(decided);
  return { decided, usual, candidates: [usual.model], users: 0, seconds: 0, choose };
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

/** Work as seconds of one thread: of what does not fit none. */
interface Works {
  /** Of the second member, as it is trained at last. */
  readonly second: number;
  trial(name: Trained): number;
  /** Of what is chosen. @param isOpen whether it chooses a blend's weight itself @param epochs the share of them that is run */
  training(model: ModelName, isOpen: boolean, epochs: number): number;
}

function worksOf(pairs: Pairs, seed: number): Works {
  const ofSecond = workOf(second, {}, pairs, seed);
  const open = ofSecond === 0 ? 0 : workOf(blendOf('als'), {}, pairs, seed);
  const trials = new Map(trained.map((name) => [name, workOf(name, optionsOf(name), pairs, seed)]));
  const trial = (name: Trained): number => trials.get(name) ?? 0;
  return {
    second: ofSecond,
    trial,
    training(model, isOpen, epochs) {
      const [isOther, isBlend] = [model.startsWith(otherVectors), model.includes(second)];
      const vectors = isOther ? trial(otherVectors) : epochs * trial('als');
      const weighing = isOther ? trial(otherVectors) + ofSecond : open - trial('als') - ofSecond;
      return vectors + (isBlend ? ofSecond + (isOpen ? weighing : 0) : 0);
    },
  };
}

function optionsOf(name: Trained): GivenOptions {
  return name === second ? ofTrials : {};
}

function workOf(name: ModelName, options: GivenOptions, pairs: Pairs, seed: number): number {
  return planOf(name, options, pairs, seed)?.expectation(1).seconds ?? 0;
}

/** What trials are made on, and the work of each. */
interface Sample {
  readonly heldOut: HeldOut;
  readonly train: Pairs;
  work(name: Trained): number;
}

function sampled(pairs: Pairs, users: readonly number[], count: number, seed: number): Sample {
  // Among few users most items are of one, whom no model can find for another.
  const heldOut = sampleOfUsers(pairs, users, count, count === users.length ? 1 : 2, seed);
  const { train } = heldOut;
  const works = new Map<Trained, number>();
  const work = (name: Trained): number => {
    const known = works.get(name) ?? workOf(name, optionsOf(name), train, seed);
    works.set(name, known);
    return known;
  };
  return { heldOut, train, work };
}

function workOfTrials(names: readonly Trained[], { train, work }: Omit<Sample, 'heldOut'>): number {
  return names.reduce((sum, name) => sum + work(name) + rankingOf(name, train), 0);
}

/** A sample of users that is as large as these can be tried with, about; undefined where that is too small. */
function sampleWithin(
  mostFor: (isOpen: boolean) => number,
  names: readonly Trained[],
  all: Omit<Sample, 'heldOut'>,
  numUsers: number,
  sampleOf: (count: number) => Sample,
): Sample | undefined {
  const sizeFor = (count: number, seconds: number): number =>
    Math.min(
      numUsers,
      Math.max(Math.min(numUsers, leastSample), Math.floor((count * 0.9 * mostFor(true)) / seconds)),
    );
  let found: Sample | undefined;
  let count = sizeFor(numUsers, workOfTrials(names, all));
  // Work does not grow evenly with users: the size is mended some times.
  for (let step = 0; step < 4; step++) {
    const sample = sampleOf(count);
    const seconds = workOfTrials(names, sample);
    const isAll = count === numUsers;
    if (seconds <= mostFor(!isAll)) found = sample;
    const fitting = sizeFor(count, seconds);
    // Of all users the weight is known, and the training, which does not choose it, is less work.
    const next = found === undefined && isAll ? Math.min(fitting, Math.floor(0.9 * count)) : fitting;
    if (found !== undefined ? next < 1.2 * count : next === count) break;
    count = next;
  }
  return found;
}

function measuredOf({ numItems }: Pairs): number {
  return Math.max(leastUsers, Math.min(mostMeasured, Math.floor(mostScores / numItems)));
}

function rankingOf(name: Trained, { numItems, numUsers }: Pairs): number {
  const scores = Math.min(measuredOf({ numItems } as Pairs), numUsers) * numItems;
  // Of als after each rung, beside popularity.
  const rankings = { als: rungs.length + 2, slim: 0, spectral: 1 }[name];
  return scores * (rankings * secondsPerScore + (name === 'als' ? 0 : secondsPerWeighedScore));
}

/** undefined where it does not fit: by counts alone, since the limit of kernel memory is the same on all machines. */
function planOf(name: ModelName, options: GivenOptions, pairs: Pairs, seed: number): ModelPlan | undefined {
  const model = findModel(name);
  try {
    return model.plan({ pairs }, resolveOptions(model, options), seed);
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

type Usual = Pick<ChosenModel, 'model' | 'options'>;

class Choosing {
  readonly #heldOut: HeldOut;
  readonly #seed: number;
  readonly #isOpen: boolean;
  readonly #affords: (model: ModelName, epochs?: number) => boolean;
  readonly #run: ChoiceRun;
  readonly #context: TaskContext;
  readonly #quiet: TaskContext;
  readonly #measuring: (
    ranker: Pick<Ranker, 'numItems' | 'rank'>,
    context: TaskContext,
  ) => Promise<RankingQuality>;

  constructor(
    heldOut: HeldOut,
    seed: number,
    isOpen: boolean,
    affords: (model: ModelName, epochs?: number) => boolean,
    run: ChoiceRun,
    context: TaskContext,
  ) {
    this.#heldOut = heldOut;
    this.#seed = seed;
    this.#isOpen = isOpen;
    this.#affords = affords;
    this.#run = run;
    this.#context = context;
    this.#quiet = { ...context, onProgress: () => undefined };
    this.#measuring = heldOutMeasure(heldOut, [k], seed, measuredOf(heldOut.train));
  }

  async choose(names: readonly Trained[], usual: Usual): Promise<ChosenModel> {
    const opened: FittedModel[] = [];
    const fit = async (name: Trained, hooks?: Pick<FitRun, 'afterEpoch'>): Promise<FittedModel> => {
      const plan = planOf(name, optionsOf(name), this.#heldOut.train, this.#seed)!;
      const fitted = await plan.fit({ ...this.#run, ...hooks, context: this.#quiet });
      opened.push(fitted);
      return fitted;
    };
    try {
      const popularity = await this.#measure(rankByScore(usersOfItems(this.#heldOut.train)));
      const seen: Rung = { best: undefined, last: undefined, kept: [] };
      const step = {
        kind: 'step',
        phase: 'choosing a model',
        total: names.length,
        unit: 'trainings',
      } as const;
      const tell = (done: number) => this.#context.onProgress({ ...step, done });
      tell(0);
      const first = await fit('als', { afterEpoch: this.#afterRung(seen, usual) });
      const als = seen.last!;
      tell(1);
      const blends: Tried[] = [];
      let vectors = als;
      if (names.includes(second)) {
        const member = await fit(second);
        blends.push(await this.#blend('als', als.options, { first, second: member }));
        tell(2);
        if (names.includes(otherVectors)) {
          const other = await fit(otherVectors);
          const ofOther: Tried = { model: otherVectors, options: {}, byUser: await this.#measure(other) };
          // Where als has the better vectors, they are what is blended.
          if (isSurelyBetter(ofOther, als) && this.#affords(blendOf(otherVectors))) {
            vectors = ofOther;
            blends.push(await this.#blend(otherVectors, {}, { first: other, second: member }));
          }
        }
      }
      const { byUser, ...chosen } = chosenOf({
        als,
        vectors,
        blends,
        usual,
        affordsAls: this.#affords('als'),
      });
      warnOfPopularity(chosen.model, `NDCG@${k}`, byUser, popularity, this.#context);
      return chosen;
    } finally {
      for (const one of opened.reverse()) await one.close();
    }
  }

  /** Ends where als falls, with the better epoch's vectors put back. */
  #afterRung(seen: Rung, { model }: Usual): NonNullable<FitRun['afterEpoch']> {
    const numEpochs = Number(resolveOptions(findModel('als'), {})['epochs']);
    return async ({ epoch }, ranker, { arrays, ofModel }) => {
      if (!rungs.includes(epoch) && epoch !== numEpochs) return true;
      const options: ModelOptions = epoch === numEpochs ? {} : { epochs: epoch };
      const now: Tried = { model: 'als', options, byUser: await this.#measure(ranker) };
      seen.last = now;
      const own = ofModel.map((name) => arrays.get(name)!);
      if (seen.best !== undefined && isBelow(now, seen.best, this.#isOpen)) {
        for (const [at, array] of own.entries()) array.set(seen.kept[at]!);
        seen.last = seen.best;
        return false;
      }
      const isBetter = seen.best === undefined || meanOf(now.byUser) > meanOf(seen.best.byUser);
      if (isBetter && this.#affords(model, epoch / numEpochs))
        Object.assign(seen, { best: now, kept: own.map((array) => array.slice()) });
      return true;
    };
  }

  async #measure(ranker: Pick<Ranker, 'numItems' | 'rank'>): Promise<ByUser> {
    return ofUsers(await this.#measuring(ranker, this.#quiet), `ndcg@${String(k)}`);
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
    // By a part of the users it is worth little on sparse data: the training finds it by all of them.
    return { model, options: { ...ofFirst, ...(this.#isOpen ? {} : { 'blend-weight': weight }) }, byUser };
  }
}

/** als as it was measured: the best of what may be chosen, with a copy of its vectors, and the last one. */
interface Rung {
  best: Tried | undefined;
  last: Tried | undefined;
  kept: readonly Uint8Array[];
}

/**
 * By the margin and, of all users, by more than the standard error, since fewer epochs cost less; a sample, which is sparser than all
 * of them, has to be sure.
 */
function isBelow(now: Tried, best: Tried, isSample: boolean): boolean {
  const { mean, low } = pairedInterval(best.byUser, now.byUser);
  return isSample
    ? isSurelyBetter(best, now)
    : mean > margin * meanOf(best.byUser) && mean > (mean - low) / 1.96;
}

function isSurelyBetter(one: Pick<Tried, 'byUser'>, other: Pick<Tried, 'byUser'>): boolean {
  return pairedInterval(one.byUser, other.byUser).low > margin * meanOf(other.byUser);
}

/**
 * A blend, but where als is surely better: on every set of data that was tried one was better (docs/internals/tuning.md), so
 * that this is believed where a sample cannot tell. Of two blends that of the better vectors, but where the other one is surely
 * better: a validation part likes rare items more than users do, and a blend's second member more than its first.
 * @param vectors what has the better ones, als or spectral
 */
export function chosenOf({
  als,
  vectors,
  blends,
  usual,
  affordsAls,
}: {
  readonly als: Tried;
  readonly vectors: Tried;
  readonly blends: readonly Tried[];
  readonly usual: Usual;
  /** Whether so much work may be done where als is chosen. */
  readonly affordsAls: boolean;
}): ChosenModel & Pick<Tried, 'byUser'> {
  const [ofAls, ofOther = ofAls] = blends;
  const blend = ofAls !== undefined && ofOther !== ofAls && isSurelyBetter(ofAls, ofOther!) ? ofAls : ofOther;
  const isAls = blend === undefined ? usual.model === 'als' : affordsAls && isSurelyBetter(als, blend);
  const chosen = isAls
    ? als
    : (blend ?? { ...usual, options: { ...als.options, ...usual.options }, byUser: als.byUser });
  const all = [als, ...(vectors === als ? [] : [vectors]), ...blends];
  const tried = all.map(({ model, options, byUser }) => ({
    ...{ model, options, ndcg: meanOf(byUser) },
    difference: byUser === als.byUser ? null : pairedInterval(byUser, als.byUser),
  }));
  const { epochs } = als.options;
  const reasons = [
    ...(epochs === undefined ? [] : [`als is worse after more than ${counted(Number(epochs), 'epoch')}`]),
    blend === undefined
      ? isAls
        ? `${second} does not fit into memory`
        : `${usual.model} is the best on most data, and ${tooMuch}`
      : isAls
        ? 'als is better than a blend'
        : isSurelyBetter(blend, als)
          ? 'the blend is better'
          : 'the sample cannot tell als from a blend, which is better on most data',
  ];
  const { model, options, byUser } = chosen;
  return { model, options, reason: reasons.join('; '), users: als.byUser.length, tried, byUser };
}

function meanOf(values: ByUser): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
