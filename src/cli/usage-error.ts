/**
 * oclif's parse errors in segue's words: what was got, what was wanted, and the nearest word that exists. Nothing of
 * the parser's own state (which oclif hangs on its errors) gets further than here.
 */
import { stripVTControlCharacters } from 'node:util';
import { shellWord } from '../core/shell-word.js';
import { closestTo } from './terminal/closest.js';
import { argumentMeantByFlag, meantByCommand, meantByFlag } from './terminal/synonyms.js';

interface UsageError {
  readonly message: string;
  readonly suggestions: readonly string[];
}

interface KnownFlag {
  readonly char?: string;
  readonly options?: readonly string[];
}

/** The parts of oclif's parse errors that are read. */
interface ParserState {
  readonly input?: {
    readonly flags?: Readonly<Record<string, KnownFlag>>;
    readonly args?: Readonly<Record<string, unknown>>;
  };
}

interface NamedArg {
  readonly name: string;
  readonly description?: string;
}

/** `command` is the one that was called, where one is known. */
export function describeUsageError(error: Error, command: string | undefined): UsageError {
  const parse = ('parse' in error ? error.parse : undefined) as ParserState | undefined;
  const help = command === undefined ? 'segue --help' : `segue ${command} --help`;
  switch (error.constructor.name) {
    case 'NonExistentFlagsError': {
      const { flags } = error as Error & { flags: readonly string[] };
      const { flags: known = {}, args = {} } = parse?.input ?? {};
      const meant = flags.flatMap((flag) => meantBy(flag, known, Object.keys(args), command));
      return { message: `there is no flag ${flags.join(', ')}`, suggestions: [...new Set(meant), help] };
    }
    case 'RequiredArgsError': {
      const { args } = error as Error & { args: readonly NamedArg[] };
      const wanted = args.map((arg) => `${arg.name.toUpperCase()} (${arg.description ?? 'no description'})`);
      return { message: `missing ${wanted.join(', ')}`, suggestions: [help] };
    }
    case 'UnexpectedArgsError': {
      const { args } = error as Error & { args: readonly string[] };
      const [last = ''] = args.slice(-1);
      const isOutput = Object.hasOwn(parse?.input?.flags ?? {}, 'out') && /\.\w+$/.test(last);
      return {
        message: `unexpected ${args.length === 1 ? 'argument' : 'arguments'}: ${args.join(', ')}`,
        suggestions: [
          isOutput ? `did you mean --out ${shellWord(last)}?` : 'put names of several words in quotes',
          help,
        ],
      };
    }
    case 'FlagInvalidOptionError': {
      const message = inOurForm(oneLine(error.message));
      const json = message.startsWith('--format "json"') ? ['--json prints one JSON document'] : [];
      return { message, suggestions: [...json, help] };
    }
    default: {
      const [, unknown] = /^Command (.*) not found\.$/s.exec(error.message) ?? [];
      if (unknown !== undefined) {
        const synonym = meantByCommand(unknown);
        const meant = synonym === undefined ? [] : [synonym];
        return { message: `${unknown} is not a segue command`, suggestions: [...meant, 'segue --help'] };
      }
      return { message: inOurWords(oneLine(error.message)), suggestions: [help] };
    }
  }
}

/** What a flag that there is not may have been: by what others call ours, else by its letters. */
function meantBy(
  flag: string,
  flags: Readonly<Record<string, KnownFlag>>,
  args: readonly string[],
  command = 'COMMAND',
): readonly string[] {
  const argument = argumentMeantByFlag(flag, args)?.toUpperCase();
  if (argument !== undefined) return [`${argument} has no flag: segue ${command} ${argument}`];
  const synonym = meantByFlag(flag, flags);
  if (synonym !== undefined) return [synonym];
  const word = flag.replace(/^-+|=.*$/g, '');
  return closestTo(word, Object.keys(flags)).map((name) => `did you mean --${name}?`);
}

/** `Expected --model=bpr to be one of: als, ease`, as a check of ours says it. */
function inOurForm(message: string): string {
  return message.replace(/^Expected (--[\w-]+)=(.*) to be one of: /s, '$1 "$2": wanted one of ');
}

/** oclif's parser writes a frame around the message of whatever a flag's check throws. */
export function withoutParserFrame(message: string): string {
  return message.replace(/^Parsing --\S+ \n\t/, '').replace(/\nSee more help with --help$/, '');
}

/** oclif's sentences, each with ours. Of two flags that cannot both be given neither is the wrong one. */
const sentences: readonly (readonly [oclif: RegExp, ours: string])[] = [
  [/(--[\w-]+)=.*? cannot also be provided when using (--[\w-]+)/gs, '$1 and $2 cannot both be given'],
  [/^Flag (--[\w-]+) expects one of these values: (.*)$/s, '$1 without a value: wanted one of $2'],
  [/^Flag (--[\w-]+) expects a value$/, '$1 without a value: wanted one'],
  [/^Missing required flag ([\w-]+)$/, '--$1 is missing'],
  [/^Flag (--[\w-]+) can only be specified once$/, '$1 is given twice: wanted once'],
  [/All of the following must be provided when using (--[\w-]+): (--[\w-]+)/g, '$1 is given without $2'],
  [/^Expected (.*) to be one of: (.*)$/s, '"$1": wanted one of $2'],
];

function inOurWords(message: string): string {
  return sentences.reduce((text, [oclif, ours]) => text.replace(oclif, ours), message);
}

/** Messages such as "The following error occurred:\n  --all cannot …", without colour and lines. */
function oneLine(message: string): string {
  return withoutParserFrame(stripVTControlCharacters(message))
    .replace(/^The following errors? occurred:\s*/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('; ');
}
