/** The gates file: gates and canary items that are kept beside a project. The table here has its keys, as docs/reference/formats.md does. */
import { lstatSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../errors.js';
import { fileWord } from '../shell-word.js';
import * as yaml from '../files/yaml-keys.js';
import type { Key, MapOf } from '../files/yaml-keys.js';
import { readYamlFile } from '../files/yaml-document.js';
import { catalogue } from '../options/catalogue.js';
import { comparisonForm, parseComparison, type Comparison } from '../comparison/number-condition.js';
import type { NumberGate } from './gates.js';

/** The longest list that a canary item looks at. */
export const maxWithin = 1000;

export interface Gates {
  readonly numbers: readonly NumberGate[];
  readonly canaries: readonly CanaryItem[];
}

const comparison = yaml.scalar<Comparison>(
  "a comparison such as 'ndcg@100>=0.2'",
  { type: 'string', pattern: comparisonForm.source },
  (text) => parseComparison(text, ''),
  ({ name, condition }) => name + condition,
);
const items = (text: string): Key<readonly string[], true> => yaml.withDefault(yaml.itemsNamed, [], text);
const [ofSimilar, ofRecommend] = [yaml.says('similar', 'minus'), yaml.says('like', 'dislike')];
const eitherOr = 'wanted either similar (and minus) or like (and dislike), for the query';

export const canaryKind = yaml.mapOf(
  {
    similar: items('What `similar ITEM…` is asked: an item, or a list.'),
    minus: items('Items that are taken away from those, `--minus`.'),
    like: items('What `recommend --like` is asked, for a new user.'),
    dislike: items('Items that they dislike, `--dislike`.'),
    contains: items('Each has to stand in the answer.'),
    lacks: items('None of them may.'),
    within: yaml.withDefault(
      yaml.wholeNumber(1, maxWithin),
      catalogue.k.fallback(),
      'The length of the answer.',
    ),
    'min-similarity': yaml.optional(
      yaml.decimal(-1, 1),
      'The least similarity of each that `contains` names; only with `similar`.',
    ),
  },
  [
    { holds: { anyOf: [ofSimilar, ofRecommend] }, message: eitherOr },
    { holds: { anyOf: [{ not: ofSimilar }, { not: ofRecommend }] }, message: eitherOr },
    {
      holds: { anyOf: [yaml.says('similar'), ofRecommend, { not: yaml.says('minus') }] },
      message: 'minus needs similar beside it',
    },
    { holds: yaml.says('contains', 'lacks'), message: 'wanted contains or lacks, for the items to look for' },
    {
      holds: { anyOf: [{ not: yaml.says('min-similarity') }, { not: ofRecommend }] },
      ...{ at: 'min-similarity', message: 'recommendations have no similarity; it belongs to similar' },
    },
    {
      holds: { anyOf: [{ not: yaml.says('min-similarity') }, yaml.says('like', 'dislike', 'contains')] },
      ...{ at: 'min-similarity', message: 'it needs contains beside it' },
    },
  ],
);

/** What must, or must not, stand near something in a snapshot that may become current: items in the words of a gates file. */
export interface CanaryItem extends Pick<
  MapOf<typeof canaryKind.keys>,
  'contains' | 'lacks' | 'within' | 'minSimilarity'
> {
  readonly asked:
    | { readonly kind: 'similar'; readonly items: readonly string[]; readonly minus: readonly string[] }
    | { readonly kind: 'recommend'; readonly like: readonly string[]; readonly dislike: readonly string[] };
  /** File and line. */
  readonly source: string;
}

export const gatesKind = yaml.mapOf({
  require: yaml.withDefault(
    yaml.listOf(comparison, 0, 1000),
    [],
    'Numbers as they have to be: `NAME>=NUMBER`, or with `<=`, `>`, `<`.',
  ),
  canaries: yaml.withDefault(
    yaml.listOf(canaryKind, 0, 1000),
    [],
    'Canary items: what has to stand near something, or may not.',
  ),
});

const fileNames = ['segue-gates.yaml', 'segue-gates.yml', 'segue-gates.json'];

/** The gates file in the directory that holds the root, or undefined. Throws bad-usage where there are several. */
export function findGatesFile(root: string): string | undefined {
  const directory = dirname(resolve(root));
  const found = fileNames
    .map((name) => join(directory, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
  if (found.length <= 1) return found[0];
  throw new AppError('bad-usage', `there are several gates files: ${found.join(' and ')}`, {
    suggestions: [`name one: \`gates\` ${fileWord(found[0] ?? '')}`],
    details: { files: found },
  });
}

/** Throws bad-input-file with every mistake: its line, its key, what was got and wanted. */
export async function readGatesFile(path: string): Promise<Gates> {
  const seeAlso = 'docs/reference/formats.md has all keys of a gates file';
  const { value, lines } = yaml.readByKeys(gatesKind, await readYamlFile(path), path, seeAlso);
  const source = (key: string): string => `${basename(path)}:${lines.get(key)!}`;
  return {
    numbers: value.require.map((number, at) => ({ ...number, source: source(`require[${at}]`) })),
    canaries: value.canaries.map(({ similar: items, minus, like, dislike, ...canary }, at) => ({
      ...canary,
      asked: items.length > 0 ? { kind: 'similar', items, minus } : { kind: 'recommend', like, dislike },
      source: source(`canaries[${at}]`),
    })),
  };
}
