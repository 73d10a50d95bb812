/** Every operation with every option, and with every pair of options, that any question of the command line has. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '#dist/core/numeric/random.js';
import {
  askedFor,
  flagsOf,
  operations,
  optionOf,
  parameterOf,
  routes,
  type Asked,
  type Operation,
  type Options,
} from './operations.js';

/** What is asked where nothing else is: of the root `heard`. */
const usual: Readonly<Record<string, Options>> = {
  similarAll: { all: true },
  similar: { items: ['qu1'] },
  recommendAll: { all: true },
  recommendByRecipe: { users: ['user-3'], recipe: 'popular' },
  recommend: { users: ['user-3'] },
  listener: { user: 'user-3', explain: true },
  userVector: { users: ['user-3'] },
  audience: { item: 'qu1' },
  showItem: { item: 'qu1' },
  listItems: {},
  showUser: { user: 'user-3' },
  listUsers: {},
};

export const usualOf = (operation: Operation): Asked => askedFor(operation, usual[operation.name]!);

/** A value of each option that changes the answer where the option is obeyed; of a flag that has none here, any. */
const values: Options = {
  ...{ k: 2, minus: ['ab1'], weights: [2], vector: 'FOLDER/vector.json', kind: 'artist', maxPerArtist: 1 },
  ...{ exact: true, for: 'casual', includeHeard: true, minEvents: 16, feedback: false, skipWeight: 0.5 },
  ...{ where: 'released < 1976', only: 'FOLDER/some.txt', exclude: ['ab2'], excludeFrom: 'FOLDER/some.txt' },
  ...{ skipUnknown: true, like: ['bs3'], dislike: ['no2'], explain: true, reasons: 2, whyNot: ['qu2'] },
  ...{ fallback: 'popular', seedItems: ['bs1'], shown: ['qu1'], page: 2, asOf: '2014-07-01' },
  ...{ halfLife: '30d', threads: 1, format: 'ndjson', snapshot: 'latest', as: 'other', engine: 'local' },
  ...{
    events: 'FOLDER/newer.csv',
    columns: 'user=user,item=item',
    delimiter: ',',
    quote: '"',
    encoding: 'utf-8',
  },
};

/** Flags by which a command does something else than answer, and those of files and clusters of which one stands for all. */
const notAsked = [
  ...['browse', 'out', 'force', 'tag', 'follow', 'add-events', 'table', 'list-recipes', 'dry-run'],
  ...['users-from', 'spark-conf', 'spark-submit', 'spark-staging', 'spark-node', 'python', 'delimiter'],
  ...['quote', 'encoding', 'no-header', 'decimal-comma', 'stream', 'dedupe-for', 'every', 'max-lag'],
];

/** Values that hardly any option takes. */
const wrongNumber = -1;
const wrongText = '';

async function allOptions(): Promise<{ readonly option: string; readonly value: unknown }[]> {
  const found = new Map<string, unknown>();
  for (const operation of operations)
    for (const [name, { type }] of Object.entries(await flagsOf(operation))) {
      const option = optionOf(name);
      if (!notAsked.includes(name)) found.set(option, values[option] ?? (type === 'boolean' ? true : 'x'));
    }
  return [...found].map(([option, value]) => ({ option, value }));
}

const isOther = (operation: Operation, option: string): boolean =>
  option in usual[operation.name]! ||
  // In bulk.
  (option === 'format' && operation.isInBulk !== true) ||
  operations.some(
    ({ command, marks = [] }) => command.join() === operation.command.join() && marks.includes(option),
  );

export interface Case {
  readonly asked: Asked;
  /** What is tried beside what is usual. */
  readonly tried: readonly string[];
  readonly isWrong: boolean;
}

/**
 * Each option alone, right and wrong, then each pair of options that the operation's command or route has.
 *
 * @param folder with the files that options name
 */
export async function allCases(folder: string): Promise<Case[]> {
  const options = (await allOptions()).map(({ option, value }) => ({
    option,
    value: typeof value === 'string' ? value.replace('FOLDER', folder) : value,
  }));
  const cases = operations.map(async (operation) => {
    const may = options.filter(({ option }) => !isOther(operation, option));
    const given = (some: typeof may, isWrong = false): Case => ({
      asked: askedFor(operation, {
        ...usual[operation.name],
        ...Object.fromEntries(some.map(({ option, value }) => [option, value])),
      }),
      tried: some.map(({ option }) => option),
      isWrong,
    });
    const wrong = may.flatMap(({ option, value }) =>
      typeof value === 'boolean' || Array.isArray(value)
        ? []
        : [given([{ option, value: typeof value === 'number' ? wrongNumber : wrongText }], true)],
    );
    const flags = Object.keys(await flagsOf(operation)).map(optionOf);
    const parameters = operation.route === undefined ? [] : routes.get(operation.route(1))!.parameters;
    const has = ({ option }: { option: string }): boolean =>
      flags.includes(option) || parameters.some(({ name }) => name === parameterOf(option));
    const known = may.filter(has);
    const pairs = known.flatMap((one, at) => known.slice(at + 1).map((other) => given([one, other])));
    return [...may.map((one) => given([one])), ...wrong, ...pairs];
  });
  return (await Promise.all(cases)).flat();
}

/** Some of them, other ones with another seed. */
export function someOf<T>(all: readonly T[], count: number, seed: number): T[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => all[random.nextBelow(all.length)]!);
}

/** Files that options name. @param vector of a user */
export function writeGivenFiles(path: string, vector: unknown): void {
  writeFileSync(join(path, 'some.txt'), 'qu2\nbs2\nac2\nab1\n');
  writeFileSync(join(path, 'newer.csv'), 'user,item\nuser-3,ac1\n');
  writeFileSync(join(path, 'vector.json'), JSON.stringify(vector));
}
