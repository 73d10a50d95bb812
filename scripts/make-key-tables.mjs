// Writes what is made of the keys of recipes, of gates files and of profiles: JSON Schemas for editors (schemas/*.schema.json), and tables of
// docs/reference/recipes.md, docs/reference/formats.md and docs/reference/publishing.md, below comments that name them. node scripts/make-key-tables.mjs,
// after a build; with --check it writes nothing, and fails where a file is not what it would write.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { profileKind } from '../dist/core/events/relation/profile.js';
import { canaryKind, gatesKind } from '../dist/core/gates/gates-file.js';
import { gateNumbers } from '../dist/core/gates/numbers.js';
import { everySource, recipeKind, sourceKinds } from '../dist/core/query/recipes/keys.js';

const repository = fileURLToPath(new URL('..', import.meta.url));

const keyColumns = ['key', 'values', 'default', 'what'];
const sections = ['filters', 'rescore', 'diversity', 'promote', 'explore', 'rows'];
const from = {
  ...{ manifest: 'the manifest', measured: 'the snapshot, measured' },
  ...{ compared: 'measured against `current`', members: 'the members of a bundle' },
};
/** By the name in a comment of a page: columns and rows. */
const tables = {
  recipe: [keyColumns, rowsOf(recipeKind.keys, false)],
  'every source': [keyColumns, rowsOf(everySource)],
  sources: [
    ['source', ...keyColumns],
    Object.entries(sourceKinds).flatMap(([name, { keys, text }]) => [
      [`\`${name}\``, '', '', '', text],
      ...rowsOf(keys).map((row) => ['', ...row]),
    ]),
  ],
  ...Object.fromEntries(
    sections.map((name) => [name, [keyColumns, rowsOf(recipeKind.keys[name].kind.keys)]]),
  ),
  profile: [keyColumns, rowsOf(profileKind.keys)],
  gates: [keyColumns, rowsOf(gatesKind.keys)],
  canaries: [keyColumns, rowsOf(canaryKind.keys)],
  'gate numbers': [
    ['name', 'from', 'what'],
    gateNumbers.map(({ names, form, from: where, text }) => [
      names.map((name) => `\`${name}\``).join(', ') + (form === undefined ? '' : ' …'),
      from[where],
      text,
    ]),
  ],
};

/** @param isDeep with the keys of maps in it */
function rowsOf(keys, isDeep = true, within = '') {
  return Object.entries(keys).flatMap(([key, row]) => {
    const { kind, text, fallback, isAlways, column } = row;
    const said = fallback === undefined ? undefined : kind.print(fallback);
    const isNeeded = isAlways && fallback === undefined;
    const value = typeof said === 'string' ? `\`${said}\`` : typeof said === 'number' ? said : '–';
    return [
      [
        `\`${within}${key}\``,
        valuesOf(kind),
        isNeeded ? 'required' : value,
        column === undefined ? text : `${text} Needs the column \`${column}\`.`,
      ],
      ...(isDeep && kind.keys !== undefined ? rowsOf(kind.keys, true, `${within}${key}.`) : []),
    ];
  });
}

function valuesOf({ schema, wanted, keys }) {
  if (schema.anyOf?.[0].minimum !== undefined) return `${boundsOf(schema.anyOf[0])}, or a map`;
  if (keys !== undefined) return 'a map';
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (typeof schema.type === 'string' && schema.minimum !== undefined) return boundsOf(schema);
  return wanted.replace(/ such as .*?(?=$|, or a list)/, '').replace(/^a map of .*?(?=, or a list)/, 'a map');
}

function boundsOf({ minimum, maximum }) {
  return `${minimum}..${maximum}`.replaceAll('-', '−');
}

function withTables(page) {
  return page.replace(/(<!-- table: ([\w ]+) -->\n\n)(?:\|.*\n)*/g, (_, comment, name) => {
    const [columns, rows] = tables[name];
    const lines = [columns, columns.map(() => '-'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
    return `${comment}${lines.join('\n')}\n`;
  });
}

function schemaText(title, kind) {
  const $schema = 'http://json-schema.org/draft-07/schema#';
  const isEmpty = (value) => Array.isArray(value) && value.length === 0;
  return JSON.stringify({ $schema, title, ...kind.schema }, (_, value) =>
    isEmpty(value) ? undefined : value,
  );
}

const wanted = {
  'schemas/recipe.schema.json': schemaText('A recipe of segue', recipeKind),
  'schemas/gates.schema.json': schemaText('A gates file of segue', gatesKind),
  'schemas/profile.schema.json': schemaText('A profile of event files of segue', profileKind),
};
for (const page of ['docs/reference/recipes.md', 'docs/reference/formats.md', 'docs/reference/publishing.md'])
  wanted[page] = withTables(readFileSync(repository + page, 'utf8'));

for (const [name, text] of Object.entries(wanted)) {
  const path = repository + name;
  const formatted = await prettier.format(text, {
    ...(await prettier.resolveConfig(path)),
    filepath: path,
  });
  if (!process.argv.includes('--check')) writeFileSync(path, formatted);
  else if (readFileSync(path, 'utf8') !== formatted)
    throw new Error(`${name} is not current: npm run build && node scripts/make-key-tables.mjs`);
}
