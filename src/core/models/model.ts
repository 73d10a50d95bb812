/**
 * The contract that every model stands behind: interactions in; a scorer and a way to fold a user in out. Training,
 * evaluation and tuning know models only by it.
 */
import type { OpenPool } from '../compute/pool.js';
import type { FeatureTable } from './features/item-features.js';
import { modelNames, optionsOfModels } from '../options/catalogue/model-options.js';
import type {
  EpochReport,
  ItemVectors,
  ModelFile,
  OpenRanker,
  Pairs,
  Ranker,
  Sequences,
  TaskContext,
} from '../contracts.js';

export { modelNames };
export type ModelName = (typeof modelNames)[number];

/** How a user and an item make a score: two vectors; the items of a history with the item; the item alone; two of these. */
export type Scorer = 'inner-product' | 'item-item' | 'sparse-item-item' | 'constant' | 'blend';
/** How a history becomes what is scored with: a solved vector, a mean vector, the history itself, nothing. */
export type Fold = 'normal-equations' | 'mean' | 'history' | 'none';

/** Ways to train a model whose vectors may pass 4 GiB: with all of them in kernel memory, or by blocks. */
export const solverNames = optionsOfModels.solver.choices;
export type Solver = (typeof solverNames)[number];

/** Whose arithmetic decides a model's bits: ids name it. */
export interface Engine {
  readonly name: string;
  /** Changed whenever the same options and data would give other bits than before. */
  readonly algorithmVersion: number;
}

/** The solver of a training, where there is a choice. */
export interface ChosenSolver {
  readonly name: Solver;
  readonly engine: Engine;
  /** Why it is not the usual one, where that was not asked for: to be told. */
  readonly remark?: string;
}

/** What was said on the command line, by flag name; undefined: not said. */
export type GivenOptions = Readonly<Record<string, string | number | undefined>>;
/** Every effective option by flag name, as manifests and ids hold them. */
export type ModelOptions = Readonly<Record<string, string | number>>;

export interface TrainingData {
  readonly pairs: Pairs;
  /** For a model that reads order: what was played, of these pairs and perhaps others, which are left out. */
  readonly sequences?: Sequences | undefined;
  /** For a model that reads what is known of items: of more rows perhaps than `pairs` has items. */
  readonly items?: FeatureTable | undefined;
}

export interface Model {
  readonly name: ModelName;
  /** As an engine's; of what trains it on this machine unless its plan names another one. */
  readonly algorithmVersion: number;
  readonly scorer: Scorer;
  readonly fold: Fold;
  /**
   * How it is trained: `nested`, where training for a few epochs is the beginning of training for many; `planned`, where
   * their number changes every one of them; or in closed form, with none.
   */
  readonly epochs: 'nested' | 'planned' | 'none';
  /** Whether it is trained on sequences: events have to be read with their order. */
  readonly readsOrder: boolean;
  /** Whether other machines can do a part of the work, by `FitRun.openPool`. */
  readonly isDistributable: boolean;
  /** The flags that mean something to it. */
  readonly flags: readonly string[];
  /** Defaults filled in. AppError 'bad-usage' for a value out of its range. Flags of other models are not among `given`. */
  resolve(given: GivenOptions): ModelOptions;
  /** Dimensions of its vectors, unless `factors` among a plan's parameters says how many; 0 where it has none. */
  dim(options: ModelOptions): number;
  /**
   * Weighs and counts, so that what training takes is known before. AppErrors 'empty-input', 'too-large'. @param solver for a
   * model that has several; undefined: the one in memory where it fits
   */
  plan(data: TrainingData, options: ModelOptions, seed: number, solver?: Solver): ModelPlan;
  /**
   * Of a blend: the weight of its second member by what is held out, and NDCG@10 of each user by it.
   * @param members trained, and the caller's @param targets by user of `histories`, each of whom has some
   */
  weigh?(
    members: { readonly first: Ranker; readonly second: Ranker },
    histories: Pairs,
    targets: Pairs,
    run: Pick<FitRun, 'threads' | 'context'>,
  ): Promise<{ readonly weight: number; readonly byUser: Float64Array }>;
}

/** The second member of a blend. */
export interface BlendedMember {
  readonly name: string;
  readonly algorithmVersion: number;
  readonly scorer: string;
  readonly options: ModelOptions;
  readonly parameters?: ModelOptions;
}

/** What a training takes, about: to plan with, not to hold against a clock. */
export interface Expectation {
  /** Peak of the whole process while it trains. */
  readonly memoryBytes: number;
  /** Of the training alone, on cores like those that the constants were measured on. */
  readonly seconds: number;
}

/** Bytes that passes over pairs bring to other machines, where they run there, about. */
export interface PassBytes {
  /** Of the fixed side, at most at a time. */
  readonly fixedBytes: number;
  /** Of both sides in an epoch, each of them to every machine. */
  readonly broadcastBytes: number;
  /** Rows that go out in an epoch, and come back. */
  readonly rowBytes: number;
}

export interface ModelPlan {
  /** Of the model's own files, about. */
  readonly modelBytes: number;
  /** Numbers that were taken from the data and that a fold-in needs beside the options, by name, as manifests hold them. */
  readonly parameters?: ModelOptions;
  /** Of a blend: its second member, as manifests hold it; the plan's other keys say what the first one is. */
  readonly second?: BlendedMember;
  /** undefined for a model that has one way to be trained. */
  readonly solver?: ChosenSolver;
  expectation(threads: number): Expectation;
  /** Of a model that is distributable. */
  readonly passes?: PassBytes;
  /** Trains. The abort's AppError, 'diverged', 'too-large'. */
  fit(run: FitRun): Promise<FittedModel>;
}

/** @param what one of a kind is kept, and replaced where another key is asked for */
export type Shared = <T extends object>(what: string, key: string, make: () => Promise<T>) => Promise<T>;

export interface FitRun {
  readonly threads: number;
  /** Seconds from any start. */
  readonly clock: () => number;
  readonly context: TaskContext;
  /** Of several trainings on the same pairs: makes what they have in common once. What it returns is the caller's to close. */
  readonly shared?: Shared | undefined;
  /** Of an engine that trains elsewhere; undefined: this machine computes. */
  readonly openPool?: OpenPool | undefined;
  /**
   * Called before the first epoch: fills the state with what an earlier run of the same training left, and returns the
   * reports of its epochs, and training goes on from there; or touches nothing and returns none.
   */
  readonly resume?: (state: FitState) => readonly EpochReport[];
  /**
   * Called after every epoch, with the model as it stands to rank with, and its state; tells of the progress. False ends
   * training here, and then an earlier epoch's model may have been put back into the state; else it is only read.
   */
  readonly afterEpoch?: (report: EpochReport, model: Ranker, state: FitState) => Promise<boolean>;
}

/** What a training in epochs calls, with what an epoch leaves in its memory. */
export interface EpochHooks<State> {
  /** As `FitRun.resume`. */
  readonly resume?: (state: State) => readonly EpochReport[];
  /** As `FitRun.afterEpoch`. */
  readonly afterEpoch: (report: EpochReport, state: State) => Promise<boolean>;
}

/** What an epoch leaves. */
export interface FitState {
  /**
   * All that the next epoch goes on from, by name: bytes of the training's own memory, read and written where they are.
   * Names and sizes are the same before the first epoch as after the last.
   */
  readonly arrays: ReadonlyMap<string, Uint8Array>;
  /** Names of those that the model is made of: the others serve training only. */
  readonly ofModel: readonly string[];
}

export interface FittedModel extends OpenRanker {
  /** Empty for a model in closed form. */
  readonly epochs: readonly EpochReport[];
  /** What training found beside the plan's parameters, such as the weight of a blend. */
  readonly parameters?: ModelOptions;
  /** What scorer and fold read, as the contents of .npy files. */
  files(): Iterable<readonly [ModelFile, Iterable<Uint8Array>]>;
  /** The vector of every row of `histories`; undefined where users have none. The model has to be open while they are read. */
  userVectors(histories: Pairs, context: TaskContext): UserVectors | undefined;
  /** The vectors of all items as they stand in memory, until something is trained or closed; undefined without any. */
  itemVectors(): ItemVectors | undefined;
}

/** Everyone's vectors, folded in as they are read. */
export interface UserVectors {
  /** f32 [some users × dim], in order of rows; each stands until the next one is asked for. To be read once. */
  readonly batches: AsyncIterable<Float32Array>;
  /** Users whose fold-in stopped at its step limit, among the batches that were read. */
  readonly unconverged: () => number;
}
