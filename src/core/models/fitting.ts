/** What models that are trained into vectors have in common, whatever trains them. */
import type { Factors } from '../compute/factors.js';
import { mostAllocatedBytes, gib, type Workspace } from '../compute/workspace.js';
import type { ItemVectors, Ranker } from '../contracts.js';
import { AppError, type AppErrorOptions } from '../errors.js';
import type { EpochHooks, FitRun, FitState } from './model.js';

/**
 * Node, its libraries and what reading events leaves behind: bytes beside what a training takes. Up to 50 MB of them are garbage that
 * is collected in one run and not in another, of which the most is counted: containers are as large as a plan says.
 */
export const processBytes = 250e6;

/**
 * The hooks of a run over what a training has in memory; without `afterEpoch` the run's progress is told.
 * @param state the bytes of all that an epoch leaves @param ranker to rank with what it left
 */
export function epochHooks<State>(
  total: number,
  { context, resume, afterEpoch }: FitRun,
  state: (left: State) => FitState,
  ranker: (left: State) => Ranker,
): EpochHooks<State> {
  const progress = (done: number, note?: string): void => {
    const step = { kind: 'step', phase: 'training', done, total, unit: 'epochs' } as const;
    context.onProgress(note === undefined ? step : { ...step, note });
  };
  progress(0);
  return {
    resume: (left) => resume?.(state(left)) ?? [],
    async afterEpoch(report, left) {
      if (afterEpoch !== undefined) return afterEpoch(report, ranker(left), state(left));
      progress(report.epoch, `loss ${report.loss.toPrecision(6)}`);
      return true;
    },
  };
}

/** Factors where they stand, as bytes. */
export function bytesOfFactors(workspace: Workspace, { address, numRows, dim }: Factors): Uint8Array {
  return workspace.u8(address, numRows * dim * 4);
}

/** Factors where they stand, as vectors of `dim` numbers. */
export function vectorsOfFactors(workspace: Workspace, factors: Factors, dim: number): ItemVectors {
  const { address, numRows, dim: stride } = factors;
  return { values: workspace.f32(address, numRows * stride), stride, dim };
}

/**
 * AppError 'too-large' where that many bytes pass what 32 bits address.
 * @param what a clause that goes on with them @param formula what they grow with, in words @param help what would fit
 */
export function requireBytes(
  bytes: number,
  what: string,
  formula: string,
  help: () => Required<Pick<AppErrorOptions, 'suggestions' | 'details'>>,
): void {
  if (bytes <= mostAllocatedBytes) return;
  const { suggestions, details } = help();
  const limit = mostAllocatedBytes;
  throw new AppError(
    'too-large',
    `${what} ${gib(bytes)} GiB (about ${formula}); the limit is ${gib(limit)} GiB`,
    { suggestions, details: { bytes, limit, ...details } },
  );
}

/**
 * `requireBytes` of vectors of so many dimensions; it says which `factors` fit.
 * @param bytesOf a training's memory by its dimensions @param formula of its vectors, in words
 * @param more what else would help
 */
export function requireVectorsFit(
  { numUsers, numItems }: { readonly numUsers: number; readonly numItems: number },
  factors: number,
  bytesOf: (factors: number) => number,
  formula: string,
  more: () => Required<Pick<AppErrorOptions, 'suggestions' | 'details'>>,
): void {
  const what = `${numUsers > 0 ? `${numUsers} users and ` : ''}${numItems} items of ${factors} dimensions need`;
  requireBytes(bytesOf(factors), what, `4 bytes × ${formula} × dimensions`, () => {
    let fewer = 8 * Math.floor((factors - 1) / 8);
    while (fewer > 0 && bytesOf(fewer) > mostAllocatedBytes) fewer -= 8;
    const { suggestions, details } = more();
    return {
      suggestions: [...(fewer > 0 ? [`it fits with \`factors\` ${fewer}`] : []), ...suggestions],
      details: { users: numUsers, items: numItems, ...(fewer > 0 ? { factors: fewer } : {}), ...details },
    };
  });
}
