import { AppError } from '../errors.js';
import { alsModel } from './als/als.js';
import { blendOf } from './blend/blend.js';
import { easeModel } from './ease/ease.js';
import { item2vecModel } from './item2vec/item2vec.js';
import { givenChoice } from './given-options.js';
import {
  solverNames,
  type GivenOptions,
  type Model,
  type ModelName,
  type ModelOptions,
  type Solver,
} from './model.js';
import { popularityModel } from './popularity.js';
import { slimModel } from './slim/slim.js';
import { spectralModel } from './spectral/spectral.js';

const allModels: Readonly<Record<ModelName, Model>> = {
  als: alsModel,
  item2vec: item2vecModel,
  ease: easeModel,
  slim: slimModel,
  spectral: spectralModel,
  'als+ease': blendOf('als+ease', alsModel, easeModel, { weight: 0.4, reach: 0.2 }),
  'als+slim': blendOf('als+slim', alsModel, slimModel, { weight: 0.3, reach: 0.2 }),
  'spectral+slim': blendOf('spectral+slim', spectralModel, slimModel, { weight: 0.65, reach: 0.1 }),
  popularity: popularityModel,
};

export function findModel(name: ModelName): Model {
  return allModels[name];
}

/**
 * A model's effective options. AppError 'bad-usage' for an option that does not apply to it, with the models that it
 * applies to.
 */
export function resolveOptions(model: Model, given: GivenOptions): ModelOptions {
  for (const [flag, value] of Object.entries(given)) {
    if (value === undefined || model.flags.includes(flag)) continue;
    const owners = Object.values(allModels).filter(({ flags }) => flags.includes(flag));
    throw new AppError('bad-usage', `\`${flag}\` does not apply to \`model\` ${model.name}`, {
      suggestions: [
        owners.length === 0
          ? `leave \`${flag}\` out`
          : `leave it out, or use it with \`model\` ${owners.map(({ name }) => name).join(' or ')}`,
      ],
      details: { flag, model: model.name },
    });
  }
  return model.resolve(given);
}

/** A model by its name, with what was said of its options. */
export interface AskedModel {
  readonly model: Model;
  readonly given: GivenOptions;
}

/**
 * What is asked to be trained; undefined where it is to be chosen, since neither a model nor an option of one is given. AppError
 * 'bad-usage' for options beside `auto`.
 */
export function askedModel(
  name: ModelName | 'auto' | undefined,
  given: GivenOptions,
): AskedModel | undefined {
  const flag = Object.keys(given).find((each) => given[each] !== undefined);
  if (name !== 'auto')
    return name === undefined && flag === undefined ? undefined : { model: findModel(name ?? 'als'), given };
  if (flag === undefined) return undefined;
  throw new AppError(
    'bad-usage',
    `\`${flag}\` is an option of a model, and \`model\` auto chooses one with its options`,
    {
      suggestions: [`leave \`${flag}\` out`, 'or name the model: `model` als'],
      details: { flag, model: name },
    },
  );
}

/** Of what is given for all of several models, what applies to each. AppError 'bad-usage' for an option of none of them. */
export function optionsOfEach(models: readonly Model[], given: GivenOptions): GivenOptions[] {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  const [first] = models;
  const odd = said.find(([flag]) => !models.some(({ flags }) => flags.includes(flag)));
  if (odd !== undefined && first !== undefined) resolveOptions(first, Object.fromEntries([odd]));
  return models.map(({ flags }) => Object.fromEntries(said.filter(([flag]) => flags.includes(flag))));
}

/** Which solver is asked for: it is given among a model's options, and decides its engine instead. AppError 'bad-usage'. */
export function solverOf(given: GivenOptions): Solver | undefined {
  return given['solver'] === undefined ? undefined : givenChoice(given, 'solver', solverNames, 'in-memory');
}
