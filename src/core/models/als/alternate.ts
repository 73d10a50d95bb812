/** The epochs of alternating least squares, whatever solver does the work of each half. */
import type { EpochReport } from '../../contracts.js';
import { AppError } from '../../errors.js';
import type { Kernels } from '../../compute/kernel-exports.js';
import { paddedDim } from '../../compute/factors.js';
import type { EpochHooks } from '../model.js';
import type { AlsOptions } from './als-options.js';
import type { SvdEngine } from '../../compute/randomized-svd.js';
import { normalStart, svdStart } from './initial-factors.js';

/** Both sides' vectors and what is done with them. `Side`: what names one. */
export interface AlsSides<Side, State> extends SvdEngine<Side> {
  readonly users: Side;
  readonly items: Side;
  readonly kernels: Kernels;
  /** What an epoch leaves. */
  readonly state: State;
  /** Improves `free`, `fixed` being in its eigenbasis; resolves with the objective's share of its rows. */
  improve(free: Side, fixed: Side, eigenvalues: Float64Array): Promise<number>;
  /** λ Σ s_u^ν ‖x_u‖²: the part of the objective that no item's share holds. */
  userRegularisation(): Promise<number>;
}

/**
 * Trains from where `resume` says, or from the start. Afterwards the state is that of the last epoch. AppError 'diverged'
 * when the loss is no longer a number. @param numPairs that the loss is divided by
 */
export async function alternate<Side, State extends { readonly eigenvalues: Float64Array }>(
  sides: AlsSides<Side, State>,
  options: AlsOptions,
  numPairs: number,
  clock: () => number,
  { resume, afterEpoch }: EpochHooks<State>,
): Promise<EpochReport[]> {
  const { users, items, state } = sides;

  /** Turns both sides into the eigenbasis of one side's Gramian; returns its eigenvalues. */
  const turnToBasisOf = async (side: Side): Promise<Float64Array> => {
    const { values, vectors } = await sides.eigen(side);
    await sides.rotate(items, vectors);
    await sides.rotate(users, vectors);
    return values;
  };

  const epochs = [...(resume?.(state) ?? [])];
  if (epochs.length === 0) {
    const { factors, init, seed } = options;
    const dim = paddedDim(factors);
    if (init === 'normal') {
      const both = [sides.pieces(users), sides.pieces(items)];
      normalStart(sides.kernels, both, dim, factors, seed);
    }
    state.eigenvalues.set(
      init === 'svd' ? await svdStart(sides, users, items, dim, factors, seed) : await turnToBasisOf(items),
    );
  }
  for (let epoch = epochs.length + 1; epoch <= options.epochs; epoch++) {
    const started = clock();
    await sides.improve(users, items, state.eigenvalues);
    const itemShares = await sides.improve(items, users, await turnToBasisOf(users));
    const loss = (itemShares + (await sides.userRegularisation())) / numPairs;
    state.eigenvalues.set(await turnToBasisOf(items));
    const report = { epoch, loss, seconds: clock() - started };
    if (!Number.isFinite(report.loss)) throw diverged(epoch, options);
    epochs.push(report);
    if (!(await afterEpoch(report, state))) break;
  }
  return epochs;
}

function diverged(epoch: number, { reg, init }: AlsOptions): AppError {
  return new AppError(
    'diverged',
    `training diverged: the loss of epoch ${String(epoch)} is not a finite number`,
    {
      suggestions: [
        `raise \`reg\` (it is ${String(reg)})`,
        'use `confidence` log, or weights in a larger unit',
        ...(init === 'normal' ? [] : ['use `init` normal']),
      ],
      details: { epoch },
    },
  );
}
