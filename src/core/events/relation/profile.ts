/** Profiles: what the files of some program hold, said in a small YAML file. The table here has its keys, as docs/formats.md does. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearestWord } from '../../edit-distance.js';
import { AppError } from '../../errors.js';
import { parseExpression, parsePredicate } from '../../expressions/parse.js';
import * as yaml from '../../files/yaml-keys.js';
import type { Key, MapOf } from '../../files/yaml-keys.js';
import { readYamlFile } from '../../files/yaml-document.js';
import { shellWord } from '../../shell-word.js';
import { parseTypes } from '../type-names.js';

const column = yaml.anyText('a column, or an expression');
const columns = (text: string): Key<readonly string[], true> =>
  yaml.withDefault(yaml.listOf(column, 0, 20), [], `${text}; the first of a list whose columns a file has.`);
const expression = (text: string): Key<string> =>
  yaml.optional(checked('an expression', parseExpression), text);

function checked(wanted: string, parse: (text: string, what: string) => unknown): yaml.Kind<string> {
  const parsed = (text: string): string => {
    parse(text, wanted);
    return text;
  };
  return yaml.scalar(wanted, { type: 'string' }, parsed, (text) => text);
}

export const profileKind = yaml.mapOf({
  about: yaml.withDefault(yaml.anyText('one line'), '', 'What it reads, in one line.'),
  when: yaml.withDefault(
    yaml.listOf(column, 0, 50),
    [],
    'A file that has all of these columns is recognised; without them the profile has to be named.',
  ),
  unless: yaml.withDefault(yaml.listOf(column, 0, 50), [], 'A file that has one of these is not.'),
  select: yaml.optional(
    yaml.anyText('a SELECT'),
    'SQL over `events`, the rows of a file, of which the rows that are read come; `{first}` is its first column.',
  ),
  user: columns('The user'),
  item: columns('The item; `artist:a+track:b` joins two columns into an id'),
  weight: columns('The weight; without one every event weighs 1'),
  time: columns('The time'),
  type: columns('The type'),
  types: yaml.optional(
    checked('types such as like=addtocart,transaction', parseTypes),
    'What the types mean, as the option `types` says it.',
  ),
  'leave-out': yaml.withDefault(
    yaml.listOf(
      yaml.mapOf({
        what: {
          kind: yaml.anyText('what is left out'),
          text: 'What they are, for the report.',
          isAlways: true,
        },
        where: {
          kind: checked('a condition', parsePredicate),
          text: 'Which rows are left out.',
          isAlways: true,
        },
      }),
      0,
      20,
    ),
    [],
    'Rows that are no events, or not wanted: `where` says which, `what` says what they are.',
  ),
  name: expression('The name of an item, where its id is none.'),
  artist: expression('The artist of an item.'),
  album: expression('The album of an item.'),
});

export interface Profile extends MapOf<typeof profileKind.keys> {
  readonly id: string;
}

/** profiles/ of the package, beside dist/. */
function shippedDirectory(): string {
  return fileURLToPath(new URL('../../../../profiles/', import.meta.url));
}

let shipped: Promise<readonly Profile[]> | undefined;

/** Those that come with segue, by name. */
export function shippedProfiles(): Promise<readonly Profile[]> {
  shipped ??= Promise.all(
    readdirSync(shippedDirectory())
      .filter((file) => file.endsWith('.yaml'))
      .sort()
      .map((file) => readProfile(join(shippedDirectory(), file), basename(file, '.yaml'))),
  );
  return shipped;
}

/** By its name, or its path. AppErrors 'bad-usage' for a name that nothing has, 'bad-input-file' for a file with mistakes. */
export async function namedProfile(asked: string): Promise<Profile> {
  if (/[/\\]|\.(?:yaml|yml|json)$/i.test(asked)) return await readProfile(asked, asked);
  const known = await shippedProfiles();
  const found = known.find(({ id }) => id === asked);
  if (found !== undefined) return found;
  const names = ['auto', 'lightgcn', ...known.map(({ id }) => id)];
  const near = nearestWord(asked, names);
  throw new AppError('bad-usage', `no format is called ${JSON.stringify(asked.slice(0, 80))}`, {
    suggestions: [
      near === undefined ? `known are ${names.join(', ')}` : `did you mean ${shellWord(near)}?`,
      'a profile of your own is named by its path: `format` ./mine.yaml',
    ],
    details: { format: asked, known: names, closest: near ?? null },
  });
}

async function readProfile(path: string, id: string): Promise<Profile> {
  const seeAlso = 'docs/formats.md has all keys of a profile';
  const { value } = yaml.readByKeys(profileKind, await readYamlFile(path), path, seeAlso);
  return { ...value, id };
}

/** The first whose columns are all there. */
export async function recognised(names: readonly string[]): Promise<Profile | undefined> {
  // Of a structure that was not looked into the name alone is known.
  const has = (name: string): boolean =>
    names.some((each) => each === name || each.startsWith(`${name}.`) || name.startsWith(`${each}.`));
  return (await shippedProfiles()).find(
    ({ when, unless }) => when.length > 0 && when.every(has) && !unless.some(has),
  );
}
