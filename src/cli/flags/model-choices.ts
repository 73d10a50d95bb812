/** Models that are named with options of their own: `als`, `ease:reg=200`, `als:factors=128,confidence=linear:2`. */
import { AppError } from '../../core/errors.js';
import { closestTo } from '../terminal/closest.js';
import { meantByFlag } from '../terminal/synonyms.js';
import { modelFlags, modelNames } from './model-flags.js';

export interface ModelChoice {
  /** As it was written. */
  readonly label: string;
  readonly name: (typeof modelNames)[number];
  /** By flag name. */
  readonly options: Readonly<Record<string, string | number>>;
}

interface CheckedFlag {
  readonly options?: readonly string[];
  parse(given: string, context: unknown, flag: { readonly name: string }): Promise<string | number>;
}

/** AppError 'bad-usage' for a model or option that there is not, and for a value that the option's flag refuses. */
export async function modelChoices(texts: readonly string[]): Promise<ModelChoice[]> {
  return Promise.all(texts.map(modelChoice));
}

async function modelChoice(label: string): Promise<ModelChoice> {
  const [, written = '', rest] = /^([^:]*)(?::(.*))?$/s.exec(label) ?? [];
  const name = modelNames.find((known) => known === written);
  if (name === undefined) {
    throw new AppError(
      'bad-usage',
      `--model ${JSON.stringify(label)}: wanted one of ${modelNames.join(', ')}`,
      {
        suggestions: meant(written, modelNames),
      },
    );
  }
  // A comma parts two options only where another option follows it: some values have commas.
  const parts = rest === undefined ? [] : rest.split(/,(?=[a-z-]+=)/);
  const options = await Promise.all(parts.map((part) => modelOption(label, part)));
  return { label, name, options: Object.fromEntries(options) };
}

async function modelOption(label: string, part: string): Promise<[flag: string, value: string | number]> {
  const [, flag = part, value = ''] = /^([a-z-]+)=(.+)$/s.exec(part) ?? [];
  const flags = modelFlags as unknown as Readonly<Record<string, CheckedFlag>>;
  const checked = Object.hasOwn(flags, flag) ? flags[flag] : undefined;
  if (checked === undefined || value === '') {
    throw new AppError(
      'bad-usage',
      `--model ${JSON.stringify(label)}: ${JSON.stringify(part)} is not an option of a model, such as reg=0.1`,
      { suggestions: meantOption(flag) },
    );
  }
  if (checked.options?.includes(value) === false) {
    throw new AppError(
      'bad-usage',
      `--model ${JSON.stringify(label)}: ${flag} is one of ${checked.options.join(', ')}`,
    );
  }
  return [flag, await checked.parse(value, {}, { name: flag })];
}

function meantOption(word: string): string[] {
  const synonym = meantByFlag(`--${word}`, modelFlags);
  return synonym === undefined ? meant(word, Object.keys(modelFlags)) : [synonym.replace('--', '')];
}

function meant(word: string, known: readonly string[]): string[] {
  return closestTo(word, known).map((other) => `did you mean ${other}?`);
}
