/** What can be asked of a snapshot, and how the words of a command line, options of the library and parameters of HTTP are one. */
import { readFileSync } from 'node:fs';
import * as segue from '#dist/core/library.js';
import type { Reader } from '#dist/core/library.js';

export type Options = Readonly<Record<string, unknown>>;

export interface Operation {
  /** Of the library's function. */
  readonly name: string;
  /** Words of the command. */
  readonly command: readonly string[];
  /** The option that positional words are; undefined: there are none. */
  readonly argument?: string;
  /** Options that make the command's question this one; a function of the library that has no such option implies it. */
  readonly marks?: readonly string[];
  /** Answers many, to a stream: the library gets `write`, no service has it. */
  readonly isInBulk?: true;
  /** Of an open reader; undefined where it has no such method. */
  reader?(reader: Reader, options: Options): Promise<unknown>;
  /** Operation of the service, and of its client. @param users how many are named */
  route?(users: number): string;
  /** What a document of the answer keeps to, of schemas/. */
  readonly schema: string;
  /** Key of the answer that lists what was found. */
  readonly list?: string;
}

type Ask = (options: Options) => Promise<unknown>;
const method = (name: string) => (reader: Reader, options: Options) =>
  (reader as unknown as Record<string, Ask>)[name]!(options);
const recommending = { command: ['recommend'], argument: 'users', list: 'recommendations' } as const;
const byUser = (users: number): string =>
  users === 0 ? 'recommend' : users === 1 ? 'recommendToUser' : 'recommendMany';

/** Those with marks stand before the command's usual one. */
export const operations: readonly Operation[] = [
  {
    name: 'similarAll',
    schema: 'similar',
    command: ['similar'],
    argument: 'items',
    marks: ['all'],
    isInBulk: true,
    list: 'neighbours',
  },
  {
    ...{ name: 'similar', schema: 'similar', command: ['similar'], argument: 'items', list: 'neighbours' },
    ...{ reader: method('similar'), route: () => 'similar' },
  },
  { name: 'recommendAll', schema: 'recommend', ...recommending, marks: ['all'], isInBulk: true },
  {
    name: 'recommendByRecipe',
    schema: 'recommend-recipe',
    ...recommending,
    marks: ['recipe'],
    reader: method('recipe'),
    route: byUser,
  },
  { name: 'recommend', schema: 'recommend', ...recommending, reader: method('recommend'), route: byUser },
  {
    ...{
      name: 'listener',
      schema: 'user-vector-explain',
      command: ['user-vector'],
      argument: 'user',
      marks: ['explain'],
    },
    reader: (reader, { user, ...more }) => reader.listener(user as string, more),
    route: () => 'listener',
  },
  {
    ...{ name: 'userVector', schema: 'user-vector', command: ['user-vector'], argument: 'users' },
    ...{ reader: method('userVector'), route: () => 'listenerVector' },
  },
  {
    ...{ name: 'audience', schema: 'audience', command: ['audience'], argument: 'item', list: 'listeners' },
    ...{ reader: method('audience'), route: () => 'audience' },
  },
  {
    ...{
      name: 'showItem',
      schema: 'items-show',
      command: ['items', 'show'],
      argument: 'item',
      route: () => 'item',
    },
    reader: (reader, { item, ...more }) => refusing(more, () => reader.showItem(item as string)),
  },
  {
    ...{ name: 'listItems', schema: 'items', command: ['items'], argument: 'words', list: 'items' },
    ...{ reader: method('items'), route: () => 'items' },
  },
  { name: 'showUser', schema: 'users-show', command: ['users', 'show'], argument: 'user', list: 'items' },
  {
    name: 'listUsers',
    schema: 'users',
    command: ['users'],
    argument: 'prefix',
    route: () => 'listeners',
    list: 'users',
  },
];

/** A method that takes no options refuses them. */
function refusing(options: Options, ask: () => Promise<unknown>): Promise<unknown> {
  const [name] = Object.keys(options);
  if (name === undefined) return ask();
  return Promise.reject(new segue.AppError('bad-usage', `there is no option \`${name}\``));
}

export const libraryFunction = ({ name }: Operation): Ask => (segue as unknown as Record<string, Ask>)[name]!;

/** What a flag is called in the library where it is not the same with a hump. */
const inLibrary = new Map([
  ['no-feedback', 'feedback'],
  ['seed-item', 'seedItems'],
]);
/** And what an option of the library is called in a request; `users` are one after another in the path. */
const inRequest = new Map([
  ['items', 'item'],
  ['seedItems', 'seed-item'],
  ['words', 'q'],
  ['users', 'user'],
]);

export const optionOf = (flag: string): string =>
  inLibrary.get(flag) ?? flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const flagOf = (option: string): string =>
  [...inLibrary].find(([, name]) => name === option)?.[0] ?? kebab(option);
export const parameterOf = (option: string): string => inRequest.get(option) ?? kebab(option);

export interface Flag {
  readonly type: 'boolean' | 'option';
  readonly char?: string;
  readonly multiple?: boolean;
  readonly helpGroup?: string;
  readonly parse: (given: string, context: object, flag: object) => Promise<unknown>;
}

/** Flags of a command by name, those of every command left out. */
export async function flagsOf({ command }: Operation): Promise<Readonly<Record<string, Flag>>> {
  const file = new URL(`../../dist/commands/${command.join('/')}.js`, import.meta.url).href;
  const { default: found } = (await import(file)) as { default: { flags: Record<string, Flag> } };
  return found.flags;
}

export interface Asked {
  readonly operation: Operation;
  /** By the names of the library. */
  readonly options: Options;
  /** The same as the command is typed. */
  readonly words: readonly string[];
}

/** What a command line asks, read by the flags that the command declares. */
export async function askedBy(words: readonly string[]): Promise<Asked> {
  const candidates = operations.filter(({ command }) => command.every((word, at) => words[at] === word));
  const longest = Math.max(...candidates.map(({ command }) => command.length));
  const [usual] = candidates.filter(({ command }) => command.length === longest);
  if (usual === undefined) throw new Error(`segue ${words.join(' ')}: no such operation`);
  const flags = await flagsOf(usual);
  const options: Record<string, unknown> = {};
  const positional: string[] = [];
  const rest = words.slice(longest);
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-')) {
      positional.push(word);
      continue;
    }
    const [typed = '', ...value] = word.split('=');
    const known = Object.entries(flags).find(
      ([name, { char }]) => typed === `--${name}` || typed === `-${char}`,
    );
    const name = known?.[0] ?? typed.replace(/^-+/, '');
    const isSwitch = known === undefined ? value.length === 0 : known[1].type === 'boolean';
    const given = isSwitch ? name !== 'no-feedback' : value.length > 0 ? value.join('=') : rest.shift()!;
    const read = typeof given === 'string' ? await valueOf(known?.[1], name, given) : given;
    const option = optionOf(name);
    const before = (options[option] ?? []) as unknown[];
    options[option] = known?.[1].multiple === true ? [...before, ...[read].flat()] : read;
  }
  const operation = candidates.find(
    ({ command, marks = [], isInBulk = false }) =>
      command.length === longest &&
      (marks.every((mark) => mark in options) || (isInBulk && 'format' in options)),
  )!;
  const { argument } = operation;
  if (positional.length > 0 && argument !== undefined)
    options[argument] = argument.endsWith('s') ? positional : positional[0];
  return { operation, options, words };
}

/** As the flag reads it; what it refuses is left for each interface to refuse. */
async function valueOf(flag: Flag | undefined, name: string, given: string): Promise<unknown> {
  try {
    return flag === undefined ? given : await flag.parse(given, {}, { ...flag, name });
  } catch {
    const numbers = given.split(',').map(Number);
    if (numbers.some(Number.isNaN)) return given;
    return listsOfNumbers.has(name) ? numbers : numbers[0];
  }
}

/** The command line that asks for these options. */
export function askedFor(operation: Operation, options: Options): Asked {
  const words: string[] = [...operation.command];
  for (const [name, value] of Object.entries(options)) {
    const flag = `--${flagOf(name)}`;
    if (name === operation.argument) words.push(...(Array.isArray(value) ? value : [String(value)]));
    else if (typeof value === 'boolean') words.push(...(value === (name === 'feedback') ? [] : [flag]));
    else if (Array.isArray(value) && typeof value[0] === 'number') words.push(`${flag}=${value.join(',')}`);
    else for (const each of [value].flat()) words.push(`${flag}=${String(each)}`);
  }
  return { operation, options, words };
}

interface Parameter {
  readonly name: string;
  readonly schema: { readonly type?: string; readonly items?: { readonly type?: string } };
}

/** Of the operations of the service by their ids: address and parameters, as openapi.json has them. */
export const routes = new Map<string, { readonly path: string; readonly parameters: readonly Parameter[] }>();
const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, { operationId: string; parameters?: Parameter[] }>>;
};
for (const [path, methods] of Object.entries(document.paths))
  for (const { operationId, parameters = [] } of Object.values(methods))
    routes.set(operationId, { path, parameters });

const listsOfNumbers = new Set(
  [...routes.values()].flatMap(({ parameters }) =>
    parameters.flatMap(({ name, schema }) => (schema.items?.type === 'number' ? [name] : [])),
  ),
);
