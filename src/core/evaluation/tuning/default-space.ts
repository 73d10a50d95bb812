/** What is searched where nothing else is said: the options that decide a model's quality, as widely as is sensible. */
import type { GivenOptions, Model, ModelName } from '../../models/model.js';

/** What matters most of the first member, and the weight: each trial of a blend trains both. */
const alsBlend = ['unobserved-ratio=2..200:log', 'reg=0.001..0.05:log', 'blend-weight=0.1..0.9'];

const spaces: Readonly<Record<ModelName, readonly string[]>> = {
  als: [
    'unobserved-ratio=2..200:log',
    'reg=0.001..0.05:log',
    'reg-exponent=0.6..1.1',
    'item-discount=0..0.5',
    'user-discount=0..0.4',
  ],
  item2vec: [
    'learning-rate=0.005..0.5:log',
    'window=2..40:log:int',
    'negative-exponent=-1..1',
    'subsample=0.00001..0.1:log',
    'recency=0,2,5,20',
  ],
  ease: ['reg=5..2000:log'],
  slim: ['reg=0.5..50:log', 'neighbours=50,100,200'],
  spectral: ['factors=64..512:log:int', 'item-discount=-0.2..0.3', 'user-discount=-0.2..0.3'],
  'als+ease': alsBlend,
  'als+slim': alsBlend,
  'spectral+slim': ['factors=64..512:log:int', 'reg=0.5..50:log', 'blend-weight=0.1..0.9'],
  popularity: [],
};

/** Hu et al.'s objective has another scale. */
const huSpace = [
  'reg=0.1..100:log',
  'reg-exponent=0..1',
  'confidence=log,linear:1,linear:5,linear:40',
  'item-discount=0..0.5',
];

/** Without what is given: that stays as it is. */
export function defaultSpace(model: Model, given: GivenOptions): readonly string[] {
  const space = model.name === 'als' && given['objective'] === 'hu' ? huSpace : spaces[model.name];
  return space.filter((text) => {
    const flag = text.slice(0, text.indexOf('='));
    if (flag === 'unobserved-ratio' && given['unobserved-weight'] !== undefined) return false;
    return given[flag] === undefined;
  });
}
