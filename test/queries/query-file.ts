/**
 * Reads a table of queries (test/queries/*.query), as sqllogictest has them for SQL. Blocks are divided by empty lines:
 *
 * ```
 * # Comments. `root NAME` says what is asked from here on, `recipe NAME` and indented lines give it a recipe.
 * root kinds
 *
 * $ segue similar bs1 --kind artist -k 2
 * ids Black Sabbath, Queen
 * {"kind": "artist", "neighbours": [{"rank": 1}, {"rank": 2}]}
 *
 * only command library: HTTP reads no files
 * $ segue recommend --vector vector.json
 * error bad-usage …
 * ```
 *
 * After the command line comes what every interface that has the query answers: `ids` of what is listed (of several
 * answers, divided by ` | `), `ids any order`, `ids of` another command line, or `same as` it in all; `count`; `has` and
 * `lacks` ids; `most 2 artist`, `every released < 1966`; a part of the JSON (a list of parts for several answers); `error CODE` with
 * a part of the message, `hint` with a part of a suggestion; the name of an `oracle`, of oracles.ts. What starts with
 * `(http)` is what that interface answers instead. `?` fails with what is answered, to be judged and written down.
 */
import { readFileSync } from 'node:fs';
import { interfaceNames, type InterfaceName } from './interfaces.js';

export interface Query {
  /** File and line. */
  readonly where: string;
  readonly root: string;
  /** Without `segue`; `$NAME` stands for a snapshot of the root. */
  readonly words: readonly string[];
  readonly line: string;
  /** Interfaces that are asked, where they have it. */
  readonly only: readonly InterfaceName[];
  readonly expected: readonly Expectation[];
}

export interface Expectation {
  readonly what: string;
  readonly text: string;
  /** Where it is said of one interface only. */
  readonly by?: InterfaceName;
}

export interface QueryTable {
  readonly queries: readonly Query[];
  /** Texts of recipes by name, of each root. */
  readonly recipes: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

const kinds = [
  ...(['ids any order', 'ids of', 'ids', 'count', 'most', 'every', 'has', 'lacks', 'error', 'hint'] as const),
  ...(['same as', 'oracle', '?'] as const),
];

export function readQueries(file: URL): QueryTable {
  const queries: Query[] = [];
  const recipes = new Map<string, Map<string, string>>();
  let root = '';
  const name = file.pathname.split('/').at(-1)!;
  let at = 1;
  for (const block of readFileSync(file, 'utf8').split(/\n(?:[ \t]*\n)+/)) {
    const start = at;
    at += block.split('\n').length + 1;
    const lines = block.split('\n').filter((line) => !line.startsWith('#') && line.trim() !== '');
    const fail = (why: string): never => {
      throw new Error(`${name} line ${start}: ${why}`);
    };
    let only: readonly InterfaceName[] = interfaceNames;
    let asked: string | undefined;
    let recipe: string | undefined;
    const expected: Expectation[] = [];
    for (const line of lines) {
      const [, word = '', rest = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
      if (line.startsWith('  ') && recipe !== undefined) {
        const texts = recipes.get(root)!;
        texts.set(recipe, `${texts.get(recipe)!}${line.slice(2)}\n`);
      } else if (word === 'root') {
        root = rest;
        if (!recipes.has(root)) recipes.set(root, new Map());
      } else if (word === 'recipe') {
        recipe = rest;
        recipes.get(root)!.set(recipe, '');
      } else if (word === 'only') {
        only = interfaceNames.filter((each) => rest.replace(/:.*/, '').split(' ').includes(each));
      } else if (word === 'not') {
        only = interfaceNames.filter((each) => !rest.replace(/:.*/, '').split(' ').includes(each));
      } else if (line.startsWith('$ segue ')) {
        asked = line.slice('$ segue '.length);
      } else {
        const [, by, said = line] = /^\((\w+)\) (.*)$/.exec(line) ?? [];
        const what = /^[[{]/.test(said) ? 'json' : kinds.find((kind) => said.startsWith(kind));
        if (what === undefined) return fail(`what is ${JSON.stringify(line)}?`);
        const text = what === 'json' ? said : said.slice(what.length).trim();
        expected.push({ what, text, ...(by === undefined ? {} : { by: by as InterfaceName }) });
      }
    }
    if (asked !== undefined) {
      if (expected.length === 0) fail('nothing is expected');
      const at = { where: `${name}:${start}`, root, line: asked };
      queries.push({ ...at, words: shellWords(asked), only, expected });
    }
  }
  return { queries, recipes };
}

/** As a shell reads them: quotes and spaces. */
export function shellWords(text: string): string[] {
  const words = text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, one, two) => String(one ?? two)));
}
