/**
 * `segue __complete SHELL …`: what the word at the cursor may become, a line each, for the scripts of `segue completion`.
 * The commands and flags come from oclif's manifest, so nothing of oclif is loaded: a shell waits for this.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { completions, type Completable, type Completion } from '../../core/tasks/completion.js';
import { bashWord, readTypedLine } from './shell-words.js';

/** What the options of the command's operations say (scripts/write-oclif-manifest.mjs). */
interface Completed {
  readonly options?: readonly string[];
  readonly completes?: Completable | readonly string[];
  readonly paths?: Offer['paths'];
}

interface Flag extends Completed {
  readonly description?: string;
  readonly type: 'boolean' | 'option';
  readonly char?: string;
  readonly multiple?: boolean;
  readonly env?: string;
  readonly helpGroup?: string;
  readonly default?: string;
}

interface Command {
  readonly summary?: string;
  readonly flags: Readonly<Record<string, Flag>>;
  readonly args: Readonly<Record<string, Completed>>;
}

interface Manifest {
  readonly commands: Readonly<Record<string, Command>>;
}

interface Known extends Manifest {
  /** What those are for that are no commands. */
  readonly topics: Readonly<Record<string, { readonly description: string } | undefined>>;
}

/** What a word may become; or which paths may stand there. */
interface Offer {
  readonly values: readonly Completion[];
  readonly paths?: 'files' | 'dirs' | undefined;
}

/**
 * @param argv the shell; then of bash the line up to the cursor, of the others the words, the last at the cursor
 * @returns lines: `=value`, of zsh and fish with a tab and a few words about it, or `:files` or `:dirs`
 */
export function complete(argv: readonly string[], package_: URL): string {
  const [shell, ...rest] = argv;
  const isBash = shell === 'bash';
  const last = rest.at(-1) ?? '';
  const typed = readTypedLine(shell === 'zsh' ? '' : last);
  // zsh hands over what it has unquoted; fish the word at the cursor as it stands.
  const word = shell === 'zsh' ? last : typed.word;
  const words = isBash ? typed.words : rest.slice(0, -1);
  const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, package_), 'utf8'));
  const { commands } = read('oclif.manifest.json') as Manifest;
  const { topics } = (read('package.json') as { readonly oclif: Pick<Known, 'topics'> }).oclif;
  // Assignments may stand before it, and its path.
  const program = words.findIndex((each) => /(^|\/)segue$/.test(each));
  const ofCommand = isBash && typed.isFile ? { values: [], paths: 'files' } : undefined;
  const { values, paths } = ofCommand ?? offer({ commands, topics }, words.slice(program + 1), word);
  const lines = values
    .filter(({ value }) => !/[\p{Cc}\p{Bidi_Control}]/u.test(value))
    .flatMap(({ value, about }) => {
      if (!isBash) return [`=${value}\t${about.replaceAll(/\p{Cc}/gu, ' ')}`];
      const written = bashWord(value, typed);
      return written === undefined ? [] : [`=${written}`];
    });
  return [...lines, ...(paths === undefined ? [] : [`:${paths}`])].map((line) => `${line}\n`).join('');
}

function offer(known: Known, words: readonly string[], word: string): Offer {
  const { commands } = known;
  const id = commandOf(commands, words);
  const command = id === undefined ? undefined : commands[id];
  if (id === undefined || command === undefined) return { values: commandNames(known, words, word) };
  const { flags } = command;
  const given = words.slice(id.split(':').length);
  // The shell has not expanded the line that is being typed.
  const root = (valueOf(flags, given, 'root') ?? flags['root']?.default ?? '').replace(
    /^~(?=\/|$)/,
    homedir(),
  );
  const context = { root, snapshot: valueOf(flags, given, 'snapshot'), as: valueOf(flags, given, 'as') };
  const isAfterDashes = given.includes('--');
  // What begins with a dash is taken for a flag, but after `--`.
  const asWords = ({ values, paths }: Offer): Offer => ({
    values: values.filter(({ value }) => isAfterDashes || !value.startsWith('-')),
    paths,
  });
  const waiting = isAfterDashes ? undefined : optionNamed(flags, given.at(-1) ?? '');
  if (waiting !== undefined) return asWords(offerOf(waiting, word, context));
  const [, name = '', value] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
  if (name === 'help' && value !== undefined && !isAfterDashes) return { values: helpPages(flags, value) };
  const flag = flags[name];
  if (value !== undefined && flag !== undefined && !isAfterDashes) {
    const { values, paths } = offerOf(flag, value, context);
    return { values: values.map((each) => ({ ...each, value: `--${name}=${each.value}` })), paths };
  }
  if (word.startsWith('-') && !isAfterDashes) return { values: flagNames(flags, given, word) };
  const { values, paths } = asWords(
    offerOf(argument(command, positionals(flags, given).length), word, context),
  );
  // `segue users`: a verb may follow, or what the command takes.
  return { values: [...(given.length === 0 ? commandNames(known, words, word) : []), ...values], paths };
}

/** The command that the words begin with; a topic's own where its verb is not there yet. */
function commandOf(commands: Manifest['commands'], words: readonly string[]): string | undefined {
  const [first = '', second = ''] = words;
  return [`${first}:${second}`, first].find((id) => Object.hasOwn(commands, id) || hasVerbs(commands, id));
}

function hasVerbs(commands: Manifest['commands'], id: string): boolean {
  return id !== '' && Object.keys(commands).some((each) => each.startsWith(`${id}:`));
}

function commandNames({ commands, topics }: Known, words: readonly string[], word: string): Completion[] {
  const prefix = words.map((each) => `${each}:`).join('');
  const names = Object.entries(commands).flatMap(([id, { summary = '' }]) => {
    if (!id.startsWith(prefix)) return [];
    const [name = '', verb] = id.slice(prefix.length).split(':');
    const about =
      verb === undefined
        ? summary
        : (commands[name]?.summary ?? topics[name]?.description.split('\n')[0] ?? '');
    return [{ value: name, about }];
  });
  const distinct = [...new Map(names.map((each) => [each.value, each])).values()];
  return distinct.filter(({ value }) => value.startsWith(word));
}

/** Of every command; it takes a group of flags after =. */
const helpFlag: Flag = { type: 'boolean', description: 'flags and examples' };

function flagNames(flags: Command['flags'], given: readonly string[], word: string): Completion[] {
  return Object.entries({ ...flags, help: helpFlag })
    .filter(([name, { multiple }]) => multiple === true || !given.includes(`--${name}`))
    .map(([name, { description = '' }]) => ({ value: `--${name}`, about: description }))
    .filter(({ value }) => value.startsWith(word));
}

/** What --help= takes: a group of the command's flags, or all. */
function helpPages(flags: Command['flags'], word: string): Completion[] {
  const groups = new Set(Object.values(flags).flatMap(({ helpGroup }) => helpGroup?.toLowerCase() ?? []));
  return [...groups, 'all']
    .toSorted()
    .filter((group) => group.startsWith(word))
    .map((group) => ({
      value: `--help=${group}`,
      about: group === 'all' ? 'all flags' : `flags of ${group}`,
    }));
}

/** The flag that a word names, where the next one is its value. */
function optionNamed(flags: Command['flags'], word: string): Flag | undefined {
  return Object.entries(flags).find(
    ([name, { type, char }]) =>
      type === 'option' && (word === `--${name}` || (char !== undefined && word === `-${char}`)),
  )?.[1];
}

function valueOf(flags: Command['flags'], given: readonly string[], name: string): string | undefined {
  const at = given.lastIndexOf(`--${name}`);
  const joined = given.findLast((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const variable = flags[name]?.env;
  return (at < 0 ? joined : given[at + 1]) ?? (variable === undefined ? undefined : process.env[variable]);
}

function positionals(flags: Command['flags'], given: readonly string[]): string[] {
  return given.filter(
    (word, at) => !word.startsWith('-') && optionNamed(flags, given[at - 1] ?? '') === undefined,
  );
}

interface Where {
  readonly root: string;
  readonly snapshot: string | undefined;
}

function offerOf({ options, completes, paths }: Completed, word: string, where: Where): Offer {
  const fixed = options ?? (typeof completes === 'string' ? undefined : completes);
  if (fixed !== undefined)
    return {
      values: fixed.filter((value) => value.startsWith(word)).map((value) => ({ value, about: '' })),
      paths,
    };
  if (typeof completes !== 'string') return { values: [], paths };
  if (completes !== 'columns')
    return { values: completions({ ...where, what: completes, text: word }), paths };
  // Of a predicate, the column that is being written.
  const [, before = '', text = ''] =
    /^((?:[^`]|`[^`]*`)*?)(`[^`]*|[\p{L}_][\p{L}\p{M}\p{N}_.]*|)$/su.exec(word) ?? [];
  const columns = completions({ ...where, what: completes, text });
  return { values: columns.map((each) => ({ ...each, value: before + each.value })) };
}

function argument({ args }: Command, place: number): Completed {
  return Object.values(args).at(Math.min(place, Object.keys(args).length - 1)) ?? {};
}
