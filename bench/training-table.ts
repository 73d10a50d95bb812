/** What bench/train.ts says: medians over rounds, ratios to implicit, and a table. */
import type { Run, Trainer } from './training-runs.js';

export interface Result {
  readonly size: string;
  readonly factors: number;
  readonly trainer: string;
  readonly steps: number;
  /** Median of all epochs of all rounds. */
  readonly secondsPerEpoch: number;
  /** implicit's secondsPerEpoch over this one's. */
  readonly timesFaster: number | null;
  /** Processor time of an epoch, all threads: less moved by what else runs on the machine. */
  readonly cpuSecondsPerEpoch: number;
  /** implicit's cpuSecondsPerEpoch over this one's. */
  readonly timesLessCpu: number | null;
  /** Before the first epoch, from the pairs in memory. */
  readonly startSeconds: number;
  readonly peakBytes: number;
  /** NDCG@100 after each epoch. */
  readonly ndcg: readonly number[];
  /** From the pairs in memory to 99 % of the best final NDCG@100; null: not within these epochs. */
  readonly secondsTo99: number | null;
  /** implicit's secondsTo99 over this one's: at least that, where implicit did not get there. */
  readonly timesFasterTo99: number | null;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

/** Of neighbours. */
function differences(numbers: readonly number[]): number[] {
  return numbers.slice(1).map((number, at) => number - (numbers[at] ?? 0));
}

/** The results of one size and dimension. */
export function summarise(
  size: string,
  factors: number,
  measured: readonly {
    readonly trainer: Trainer;
    readonly ndcg: readonly number[];
    readonly runs: readonly Run[];
  }[],
): Result[] {
  const best = Math.max(...measured.map(({ ndcg }) => ndcg.at(-1) ?? 0));
  const timed = measured.map(({ trainer, ndcg, runs }) => {
    const secondsPerEpoch = median(runs.flatMap(({ epochSeconds }) => epochSeconds));
    const startSeconds = median(runs.map((run) => run.startSeconds));
    const reached = ndcg.findIndex((value) => value >= 0.99 * best);
    const secondsAfter = (epochs: number): number => startSeconds + epochs * secondsPerEpoch;
    return {
      trainer,
      ndcg,
      secondsPerEpoch,
      startSeconds,
      cpuSecondsPerEpoch: median(runs.flatMap(({ cpuAfter }) => differences(cpuAfter))),
      peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)),
      secondsTo99: reached < 0 ? null : secondsAfter(reached + 1),
      secondsOfAll: secondsAfter(ndcg.length),
    };
  });
  const implicit = timed.find(({ trainer }) => trainer.library === 'implicit');
  return timed.map(({ trainer, secondsOfAll: _, ...result }) => ({
    ...{ size, factors, trainer: trainer.name, steps: trainer.steps },
    ...result,
    timesFaster: implicit === undefined ? null : implicit.secondsPerEpoch / result.secondsPerEpoch,
    timesLessCpu: implicit === undefined ? null : implicit.cpuSecondsPerEpoch / result.cpuSecondsPerEpoch,
    timesFasterTo99:
      implicit === undefined || result.secondsTo99 === null
        ? null
        : (implicit.secondsTo99 ?? implicit.secondsOfAll) / result.secondsTo99,
  }));
}

const columns: readonly (readonly [
  title: string,
  cell: (result: Result, all: readonly Result[]) => string,
])[] = [
  ['size', ({ size }) => size],
  ['dim', ({ factors }) => `${factors}`],
  ['trainer', ({ trainer }) => trainer],
  ['steps', ({ steps }) => `${steps}`],
  ['s/epoch', ({ secondsPerEpoch }) => secondsPerEpoch.toFixed(3)],
  ['faster', ({ timesFaster }) => times(timesFaster)],
  ['cpu s/epoch', ({ cpuSecondsPerEpoch }) => cpuSecondsPerEpoch.toFixed(3)],
  ['less', ({ timesLessCpu }) => times(timesLessCpu)],
  ['start s', ({ startSeconds }) => startSeconds.toFixed(3)],
  ['peak MiB', ({ peakBytes }) => (peakBytes / 2 ** 20).toFixed(0)],
  ['NDCG@100 after 1, 2, 3, 5, last', ({ ndcg }) => ndcgCells(ndcg)],
  [
    'to 99 %',
    ({ secondsTo99, ndcg }) =>
      ndcg.length === 0 ? '–' : secondsTo99 === null ? 'not reached' : `${secondsTo99.toFixed(2)} s`,
  ],
  ['faster', ({ timesFasterTo99 }) => times(timesFasterTo99)],
];

function times(ratio: number | null): string {
  return ratio === null ? '–' : `${ratio.toFixed(2)}×`;
}

function ndcgCells(ndcg: readonly number[]): string {
  if (ndcg.length === 0) return '–';
  const epochs = [...[0, 1, 2, 4].filter((epoch) => epoch < ndcg.length - 1), ndcg.length - 1];
  return epochs.map((epoch) => (ndcg[epoch] ?? 0).toFixed(4)).join(' ');
}

/** One line a result, columns aligned. */
export function formatTable(results: readonly Result[]): string {
  const lines = [
    columns.map(([title]) => title),
    ...results.map((result) => columns.map(([, cell]) => cell(result, results))),
  ];
  const widths = columns.map((_, c) => Math.max(...lines.map((line) => line[c]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        line
          .map((cell, c) => cell.padEnd(widths[c] ?? 0))
          .join('  ')
          .trimEnd() + '\n',
    )
    .join('');
}
