/** What is searched: of one model or of all, the options that are tried, those that stay, and the epochs to measure after. */
import { readFileSync, statSync } from 'node:fs';
import { AppError, machineError } from '../../errors.js';
import { refuseFeatures } from '../../models/features/trained-features.js';
import { findModel, optionsOfEach, resolveOptions, solverOf } from '../../models/all-models.js';
import {
  modelNames,
  type GivenOptions,
  type Model,
  type ModelName,
  type ModelOptions,
} from '../../models/model.js';
import { defaultSpace } from './default-space.js';
import { parseSpace, spaceLines, type Dimension } from './search-space.js';

/** A model of a search. */
export interface Family {
  readonly model: Model;
  /** Empty where all its options are given: the one setting that is left is tried. */
  readonly space: readonly Dimension[];
  /** The same in all trials: what is given, and what the space has one value for. */
  readonly fixed: GivenOptions;
  /** Epochs after which trials are measured; 0 for a model without epochs. */
  readonly rungs: readonly number[];
}

/** One, or of `all` every model that has something to search; als, whose defaults the others are held against, first, and the slowest last. AppError 'bad-usage'. */
export function familiesOf(
  name: ModelName | 'all',
  given: GivenOptions,
  texts: readonly string[],
): readonly Family[] {
  if (name !== 'all') {
    const family = familyOf(findModel(name), given, texts);
    if (family.space.length > 0) return [family];
    throw new AppError(
      'bad-usage',
      `there is nothing to search for \`model\` ${name}: all its options are given`,
      {
        suggestions: ['say what to search: `space` reg=0.001..0.1:log'],
      },
    );
  }
  const models = modelNames.map(findModel).filter((model) => defaultSpace(model, {}).length > 0);
  // No trial of these is ended early: where time is short, the others have had theirs.
  models.sort((a, b) => Number(a.epochs === 'planned') - Number(b.epochs === 'planned'));
  const own = optionsOfEach(models, given);
  return models.map((model, at) => familyOf(model, own[at] ?? {}, []));
}

/** What a search does not have. */
const searching = 'a search trains on events alone';

function familyOf(model: Model, given: GivenOptions, texts: readonly string[]): Family {
  const said = texts.flatMap((text) =>
    text.startsWith('@') ? spaceLines(readSpace(text.slice(1))) : [text],
  );
  const all = parseSpace(said.length > 0 ? said : defaultSpace(model, given));
  const single = ({ text }: Dimension): boolean => !text.includes('..') && !text.includes(',');
  const fixed = { ...given };
  refuseFeatures(given, searching);
  for (const dimension of all) {
    const { flag } = dimension;
    refuseFeatures({ [flag]: flag }, searching);
    if (given[flag] !== undefined)
      throw new AppError(
        'bad-usage',
        `\`${flag}\` is given, and \`space\` has it too: leave one of them out`,
      );
    if (flag === 'epochs') {
      throw new AppError('bad-usage', '`space` epochs: the best number of epochs is found anyway', {
        suggestions: ['set the maximum: `epochs` N'],
      });
    }
    if (single(dimension)) fixed[flag] = dimension.at(0, Math.min);
    // Both ends have to be sensible: better said now than in the middle of the night.
    for (const t of [0, 1 - 2 ** -32]) resolveOptions(model, { ...given, [flag]: dimension.at(t, endPower) });
  }
  const rungs = rungsOf(model, resolveOptions(model, fixed));
  return { model, space: all.filter((dimension) => !single(dimension)), fixed, rungs };
}

/** Exact enough to name the ends of a range. */
function endPower(x: number, t: number): number {
  return t === 0 ? 1 : x;
}

/** A space of every option with a remark on each is far smaller. */
const mostSpaceBytes = 1 << 20;

function readSpace(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > mostSpaceBytes) {
      const problem = `has ${String(size)} bytes; a search space has ${String(mostSpaceBytes)} at most`;
      throw new AppError('bad-input-file', `${path} ${problem}`, { details: { file: path } });
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw machineError(error, `read ${path}`);
  }
}

/** A quarter, a half, and all, where fewer are the beginning of more. */
function rungsOf(model: Model, options: ModelOptions): number[] {
  const epochs = typeof options['epochs'] === 'number' ? options['epochs'] : 0;
  if (model.epochs !== 'nested') return [model.epochs === 'none' ? 0 : epochs];
  return [...new Set([Math.ceil(epochs / 4), Math.ceil(epochs / 2), epochs])];
}

/** What a trial trains with, complete. */
export function effectiveOptions(
  { model, fixed }: Family,
  settings: GivenOptions,
  epochs: number,
): ModelOptions {
  return resolveOptions(model, { ...fixed, ...settings, ...(epochs === 0 ? {} : { epochs }) });
}

/** The solver, where it is given: it is none of a model's effective options. */
export function solverOption({ fixed }: Family): ModelOptions {
  const solver = solverOf(fixed);
  return solver === undefined ? {} : { solver };
}
