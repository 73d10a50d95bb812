/**
 * Flags that were typed and mean nothing to what is asked: they are refused by name, so that nobody waits for what they do. What
 * the environment gives is meant for all commands alike, and refused nowhere.
 */
import { AppError } from '../../core/errors.js';

/** The words of a command line, as its parser has read them; values of the environment are not among them. */
type TypedWords = readonly ({ readonly type: 'flag'; readonly flag: string } | { readonly type: 'arg' })[];

interface Meaningless {
  readonly flags: readonly string[];
  /** Whether they mean nothing here. */
  readonly where: boolean;
  /** Follows the flag's name. */
  readonly because: string;
  readonly instead?: string;
}

/** AppError 'bad-usage' for the first flag that was typed and means nothing. */
function refuse(words: TypedWords, rules: readonly Meaningless[]): void {
  const typed = new Set(words.flatMap((word) => (word.type === 'flag' ? [word.flag] : [])));
  for (const { flags, where, because, instead } of rules) {
    const flag = where ? flags.find((name) => typed.has(name)) : undefined;
    if (flag === undefined) continue;
    const typedAs = flag.length === 1 ? `-${flag}` : `--${flag}`;
    throw new AppError('bad-usage', `${typedAs} ${because}`, {
      suggestions: [`leave ${typedAs} out`, ...(instead === undefined ? [] : [instead])],
      details: { flag },
    });
  }
}

const noFile = 'replaces a file that is there, and none is written';

interface RecommendFlags {
  readonly recipe: string | undefined;
  readonly 'list-recipes': boolean;
  readonly out: string | undefined;
  readonly explain: boolean;
}

/** @param isMany many answers are asked for, for a file or a stream */
export function refuseMeaninglessToRecommend(
  words: TypedWords,
  { recipe, 'list-recipes': isList, out, explain }: RecommendFlags,
  isMany: boolean,
): void {
  const isRecipe = recipe !== undefined;
  const typed = words.flatMap((word) => (word.type === 'flag' ? [word.flag] : []));
  refuse(words, [
    {
      flags: typed.filter((flag) => !['list-recipes', 'root', 'json'].includes(flag)),
      where: isList,
      because: 'means nothing to --list-recipes, which lists all of them',
    },
    {
      flags: ['reasons'],
      where: isMany,
      because: 'is for someone new, or for users named one by one: answers for many explain nothing',
    },
    {
      flags: ['reasons'],
      where: isRecipe,
      because: "counts a user's own items, and a recipe explains by its ingredients",
    },
    {
      flags: ['reasons'],
      where: !explain,
      because: 'says how many items --explain names, and nothing is to be explained',
      instead: 'add --explain',
    },
    {
      flags: ['threads'],
      where: !isMany || isRecipe,
      because: isMany
        ? 'means nothing to a recipe, which answers one user after the other'
        : 'is for many answers at a time: all others are made on one thread',
    },
    { flags: ['force'], where: (out ?? '-') === '-', because: noFile, instead: '--out FILE' },
  ]);
}

/** @param isMany many answers are asked for, for a file or a stream */
export function refuseMeaninglessToSimilar(
  words: TypedWords,
  { browse, out }: { readonly browse: boolean; readonly out: string | undefined },
  isMany: boolean,
): void {
  refuse(words, [
    { flags: ['browse'], where: isMany, because: 'walks from one item, and answers for many are written' },
    { flags: ['k', 'exact'], where: browse, because: 'means nothing to --browse, which shows what fits' },
    {
      flags: ['threads'],
      where: !isMany,
      because: 'is for many answers at a time: all others are made on one thread',
    },
    { flags: ['force'], where: (out ?? '-') === '-', because: noFile, instead: '--out FILE' },
  ]);
}
