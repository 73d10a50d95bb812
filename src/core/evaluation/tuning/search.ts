/**
 * A seeded search by rounds. The defaults come first, trained to their end: everything is held against them. The first
 * half of the trials, with them, is spread over the whole space; the next quarter around the best of the others, the rest
 * closer around the best so far. In every round all trials are trained for a few epochs, the better third of them for
 * more, and the better third of those for all (successive halving: Jamieson and Talwalkar 2016). What is tried next
 * depends on scores alone, so a search that is run again goes the same way.
 */
import type { Count, Rank, Some } from '../../contracts.js';
import { evenPoints } from './even-points.js';
import type { Dimension } from './search-space.js';

/** Settings to try. */
export interface Trial {
  /** 1 …, in the order of trying; 1 has the defaults. */
  readonly number: Rank;
  readonly round: Rank;
  /** By flag name; empty for the defaults. */
  readonly settings: Readonly<Record<string, string | number>>;
}

/** What was measured after so many epochs; null where the training diverged. */
export interface Checkpoint {
  readonly epochs: Count;
  readonly score: number | null;
}

export interface TriedSettings extends Trial {
  /** Ascending by epochs. */
  readonly checkpoints: Some<Checkpoint>;
  /** The best of them; null where none has a score. */
  readonly best: Checkpoint | null;
}

export interface SearchPlan {
  readonly space: readonly Dimension[];
  /** At most; fewer where the space has no more settings. */
  readonly trials: number;
  /** Epochs after which trials are measured and the worse ones left, ascending; the last one is all. */
  readonly rungs: readonly number[];
  readonly seed: number;
  readonly power: (x: number, y: number) => number;
}

/** Rounds with fewer trials than this would be noise. */
const fewestTrials = 8;
/** Half the width of the box around the best, of the whole space, in rounds 2 and 3. */
const reaches = [0.2, 0.08];
/** Of the trials of a rung, how many go on: one in so many. */
const keepOneIn = 3;

/**
 * @param train a trial for `rungs[rung]` epochs; undefined ends the search
 * @returns all trials that were measured, the best first; equals in the order of trying
 */
export async function search(
  plan: SearchPlan,
  train: (trial: Trial, rung: number) => Promise<Checkpoint | undefined>,
): Promise<TriedSettings[]> {
  const state = { isOver: false };
  /** The trial as it stands after the rung; as it was where the search is over. */
  const measure = async (trial: TriedSettings, rung: number): Promise<TriedSettings> => {
    const checkpoint = state.isOver ? undefined : await train(trial, rung);
    state.isOver ||= checkpoint === undefined;
    return checkpoint === undefined ? trial : withCheckpoint(trial, checkpoint);
  };
  let defaults: TriedSettings = { number: 1, round: 1, settings: {}, checkpoints: [], best: null };
  const rungs = [...plan.rungs.keys()];
  // To their end first: that is what others are held against, however soon the search is over.
  for (const rung of [...rungs.slice(-1), ...rungs.slice(0, -1)]) defaults = await measure(defaults, rung);
  const seen = new Set<string>();
  const places = new Map<number, readonly number[]>();
  let tried = [defaults];
  for (const [index, size] of roundSizes(plan.space.length === 0 ? 1 : plan.trials).entries()) {
    const centre =
      index === 0
        ? undefined
        : places.get(ranked(tried).find(({ number }) => places.has(number))?.number ?? 0);
    const points = evenPoints(size, plan.space.length, plan.seed + index).map((point) =>
      centre === undefined
        ? point
        : point.map((t, j) => near(centre[j] ?? 0.5, t, reaches[index - 1] ?? 0.1)),
    );
    let trials: TriedSettings[] = [];
    for (const point of index === 0 ? points.slice(0, size - 1) : points) {
      const settings = Object.fromEntries(
        plan.space.map((dimension, j) => [dimension.flag, dimension.at(point[j] ?? 0, plan.power)]),
      );
      const key = JSON.stringify(settings);
      if (seen.has(key)) continue;
      seen.add(key);
      const number = tried.length + trials.length + 1;
      places.set(number, point);
      trials.push({ number, round: index + 1, settings, checkpoints: [], best: null });
    }
    const left: TriedSettings[] = [];
    for (const rung of rungs) {
      const measured: TriedSettings[] = [];
      for (const trial of trials) measured.push(await measure(trial, rung));
      const isLast = rung === rungs.length - 1;
      const going = isLast ? measured.length : Math.ceil(measured.length / keepOneIn);
      trials = ranked(measured).slice(0, going);
      left.push(...ranked(measured).slice(going));
    }
    tried = [...tried, ...trials, ...left];
    if (state.isOver) break;
  }
  return ranked(tried.filter(({ checkpoints }) => checkpoints.length > 0));
}

/** Trainings that a search does, if no settings come twice. */
export function numTrainings({
  space,
  trials,
  rungs,
}: Pick<SearchPlan, 'space' | 'trials' | 'rungs'>): number {
  let total = rungs.length;
  for (const [index, withDefaults] of roundSizes(space.length === 0 ? 1 : trials).entries()) {
    let size = index === 0 ? withDefaults - 1 : withDefaults;
    for (let rung = 0; rung < rungs.length; rung++) {
      total += size;
      size = Math.ceil(size / keepOneIn);
    }
  }
  return total;
}

function roundSizes(trials: number): number[] {
  if (trials < fewestTrials) return [trials];
  const first = Math.ceil(trials / 2);
  const second = Math.ceil((trials - first) / 2);
  return [first, second, trials - first - second];
}

/** t of the box of half width `reach` around `centre`, pushed into the unit interval whole. */
function near(centre: number, t: number, reach: number): number {
  const from = Math.min(1 - 2 * reach, Math.max(0, centre - reach));
  return from + 2 * reach * t;
}

/** Of equals the one with fewer epochs is the best. */
function withCheckpoint(trial: TriedSettings, checkpoint: Checkpoint): TriedSettings {
  const checkpoints = [...trial.checkpoints, checkpoint].sort((a, b) => a.epochs - b.epochs);
  let best: Checkpoint | null = null;
  for (const one of checkpoints) if (one.score !== null && one.score > (best?.score ?? -Infinity)) best = one;
  return { ...trial, checkpoints, best };
}

function ranked(trials: readonly TriedSettings[]): TriedSettings[] {
  const scoreOf = ({ best }: TriedSettings): number => best?.score ?? -Infinity;
  return trials.toSorted((a, b) =>
    scoreOf(a) === scoreOf(b) ? a.number - b.number : scoreOf(b) - scoreOf(a),
  );
}
