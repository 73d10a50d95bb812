/** Declares the tests of a table of queries: each through every interface that has it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isNightly } from '../helpers/full-tests.js';
import { requireSchema } from '../helpers/json-schemas.js';
import { check } from './expectations.js';
import {
  hasQuery,
  isSame,
  openInterfaces,
  type InterfaceName,
  type Interfaces,
  type Outcome,
  type Ways,
} from './interfaces.js';
import { askedBy, type Asked } from './operations.js';
import { askOracle } from './oracles.js';
import { readQueries, shellWords, type Query } from './query-file.js';
import { makeQueryRoot, type QueryRoot } from './roots.js';

const here = new URL('./', import.meta.url);

export interface Configuration {
  /** Without it each query is asked through one interface, which the next query has another of. */
  readonly everyInterface?: boolean;
  readonly ways?: Ways;
  /** Of queries every other one, from this on, and before a release all; without it all. */
  readonly from?: 0 | 1;
  /** Whether a root is asked; all are, without it. */
  has?(root: string): boolean;
  /** What is done to a root before it is asked. */
  prepare?(made: QueryRoot, root: string): Promise<void>;
  /** Whether a query has its answer in this configuration too; all have, without it. */
  holds?(asked: Asked, query: Query): boolean;
}

export function declareTable(configuration: Configuration = {}): void {
  const { ways, from, has = () => true, prepare, holds = () => true, everyInterface = false } = configuration;
  for (const file of readdirSync(here).filter((name) => name.endsWith('.query'))) {
    const { queries, recipes } = readQueries(new URL(file, here));
    const tried = queries
      .filter(({ root }, at) => has(root) && (isNightly || from === undefined || at % 2 === from))
      .map((query, at) => ({ ...query, at }));
    if (tried.length === 0) continue;
    const opened = new Map<string, Promise<{ readonly made: QueryRoot; readonly interfaces: Interfaces }>>();
    const open = async (name: string) => {
      const made = await makeQueryRoot(name, recipes.get(name));
      await prepare?.(made, name);
      return { made, interfaces: openInterfaces(made.folder.path, ways) };
    };
    const opening = (name: string) => {
      if (!opened.has(name)) opened.set(name, open(name));
      return opened.get(name)!;
    };
    describe(file, () => {
      afterAll(async () => {
        for (const each of opened.values()) {
          const { made, interfaces } = await each;
          await interfaces.close();
          made.folder.remove();
        }
      });
      it.each(tried)('$where segue $line', async ({ at, ...query }) => {
        const { made, interfaces } = await opening(query.root);
        const read = (words: readonly string[]): Promise<Asked> =>
          askedBy(
            words.map((word) =>
              word.replaceAll(/\$(\w+)/g, (_, name: string) => made.names.get(name) ?? name),
            ),
          );
        const asked = await read(query.words);
        if (!holds(asked, query)) return;
        const asks = query.only.filter((by) => hasQuery(by, asked));
        const by = everyInterface ? asks : [interfaceFor(query, asks, at)];
        await askAll(query, by, asked, interfaces, join(made.folder.path, 'root'), read);
      });
    });
  }
}

/** The words of a message are for whoever runs the service, so that HTTP has its code only. */
function interfaceFor({ expected }: Query, has: readonly InterfaceName[], at: number): InterfaceName {
  const isRefused = expected.some(
    ({ what, by }) => by === undefined && (what === 'error' || what === 'hint'),
  );
  const asks = isRefused ? has.filter((by) => by !== 'http' && by !== 'client') : has;
  return asks[at % asks.length] ?? has[0]!;
}

async function askAll(
  { expected }: Query,
  asks: readonly InterfaceName[],
  asked: Asked,
  interfaces: Interfaces,
  root: string,
  read: (words: readonly string[]) => Promise<Asked>,
): Promise<void> {
  let command: Outcome | undefined;
  for (const by of asks) {
    const outcome = await interfaces.ask(by, asked);
    if (by !== 'http' && by !== 'client') requireSchemas(asked, outcome);
    const own = expected.filter((each) => each.by === by);
    const wanted = own.length > 0 ? own : expected.filter((each) => each.by === undefined);
    if (own.length === 0) {
      // What was checked of the command holds of what is the same.
      if (command !== undefined && isSame(command, outcome) && 'answers' in outcome) continue;
      if (command !== undefined && !isSame(command, outcome))
        expect({ by, ...outcome }).toEqual({ by, ...command });
    }
    if (by === 'command' && own.length === 0) command = outcome;
    for (const each of wanted)
      await check(outcome, each, {
        ...{ by, operation: asked.operation },
        async other(line) {
          const also = await read(shellWords(line.replace(/^segue /, '')));
          const has = hasQuery(by, also) ? by : 'command';
          return { outcome: await interfaces.ask(has, also), operation: also.operation };
        },
        oracle: (name, answers) =>
          askOracle(name, {
            ...{ root, asked, answers },
            async ask(words) {
              const other = await interfaces.ask('command', await read(words));
              return 'answers' in other ? other.answers : Promise.reject(new Error(other.message));
            },
          }),
      });
  }
}

/** Recommendations in bulk may be of a recipe, whose documents say so. */
function requireSchemas({ operation, options }: Asked, outcome: Outcome): void {
  if ('code' in outcome) {
    requireSchema('error', { error: outcome });
    return;
  }
  const isOfRecipe = operation.name === 'recommendAll' && 'recipe' in options;
  for (const answer of outcome.answers)
    requireSchema(isOfRecipe ? 'recommend-recipe' : operation.schema, answer);
}
