/**
 * What has become a command of its own: until 1.0 the old spelling is rewritten before anything is parsed, does the same, and a note
 * names the new one. docs/reference/formats.md has the same table.
 */
import { shellWord } from '../core/shell-word.js';
import { isYes } from './json-mode.js';

interface OldSpelling {
  /** The command that was called, and the flag, typed or from its variable, that made another one of it. */
  readonly command: string;
  readonly flag: string;
  /** The command that it is. */
  readonly now: string;
  /** A flag that it still has; else the flag is left out. */
  readonly keeps?: true;
  /** The flag whose value is now the argument. */
  readonly argument?: string;
}

export const oldSpellings: readonly OldSpelling[] = [
  { command: 'user-vector', flag: 'follow', now: 'follow', argument: 'follow' },
  { command: 'user-vector', flag: 'add-events', now: 'follow', keeps: true },
  { command: 'recommend', flag: 'list-recipes', now: 'recipe list' },
  { command: 'recommend', flag: 'dry-run', now: 'recipe show', argument: 'recipe' },
];

interface Rewritten {
  readonly argv: readonly string[];
  /** What to say of it; nothing was rewritten where it is left out. */
  readonly note?: string;
}

/** A command line as it is spelled now. */
export function inNewSpelling(
  argv: readonly string[],
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): Rewritten {
  const candidates = oldSpellings.filter(({ command }) => command === argv[0]);
  if (candidates.length === 0) return { argv };
  const end = argv.indexOf('--');
  const words = argv.slice(1, end === -1 ? undefined : end);
  const old =
    candidates.find(({ flag }) => placeOf(words, flag) >= 0) ??
    candidates.find((each) => isInEnvironment(each, words, env));
  if (old === undefined) return { argv };
  const { command, flag, now, argument, keeps } = old;
  const value = argument === undefined ? [] : [env[variableOf(argument)] ?? ''].filter((text) => text !== '');
  const asNow = argument === undefined ? words : asArgument(words, argument, value);
  const rest = keeps === true ? asNow : asNow.filter((word) => word !== `--${flag}`);
  const rewritten = [...now.split(' '), ...rest, ...(end === -1 ? [] : argv.slice(end))];
  const line = ['segue', ...rewritten.map(shellWord)].join(' ');
  return {
    argv: rewritten,
    note: `segue ${command} --${flag} is segue ${now} now, and ends with 1.0: ${line}`,
  };
}

/** The words with a flag's value in the flag's place; `usual` at the end where it was not typed. */
function asArgument(words: readonly string[], flag: string, usual: readonly string[]): string[] {
  const at = placeOf(words, flag);
  if (at < 0) return [...words, ...usual];
  const joined = words[at]?.slice(flag.length + 3) ?? '';
  return joined === '' ? words.toSpliced(at, 1) : words.toSpliced(at, 1, joined);
}

function placeOf(words: readonly string[], flag: string): number {
  return words.findIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
}

/** Whether a variable says what the flag would. One that many commands have means it only beside what it is about. */
function isInEnvironment(
  { flag, argument, keeps }: OldSpelling,
  words: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
): boolean {
  const text = env[variableOf(flag)] ?? '';
  if (text === '') return false;
  if (keeps === true || argument === flag) return true;
  const isAbout =
    argument === undefined || placeOf(words, argument) >= 0 || (env[variableOf(argument)] ?? '') !== '';
  return isYes(text) && isAbout;
}

function variableOf(flag: string): string {
  return `SEGUE_${flag.toUpperCase().replaceAll('-', '_')}`;
}
