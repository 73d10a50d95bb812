// Writes the keys of JSON documents in docs/reference/formats.md as the schemas have them: node scripts/make-json-rows.mjs. Keys stand in the
// order in which the page has them; new ones follow, and a document without a row gets one in the first table. A test holds the page to it.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';

const repository = fileURLToPath(new URL('..', import.meta.url));
const pagePath = `${repository}docs/reference/formats.md`;
const row = /^\| (`[a-z-]+(?: [a-z-]+)*`(?: of [a-z]+)?|… and) +\| (`\w+`(?:, `\w+`)*)(.*?) *\|$/;

/** @returns the page's text with the rows as they should be, not formatted where they are not already */
export function withJsonRows(text) {
  const [, start, section, end] = /(.*^## JSON documents$)(.*?)(^\*\*`gates`\*\* of.*)/ms.exec(text);
  const wanted = requiredKeys();
  let file = '';
  const lines = section.split('\n').map((line) => {
    const [, command, keys, rest] = row.exec(line) ?? [];
    if (command === undefined) return { line };
    // A row may go on in the next one.
    if (command !== '… and') file = command.replaceAll('`', '').replace(/ (of |--)?/g, '-');
    return { line, file, command, rest, keys: keys.split(', ').map((key) => key.slice(1, -1)) };
  });
  const known = new Map();
  for (const each of lines) if (each.file !== undefined) known.set(each.file, each);
  const written = new Set(lines.flatMap(({ file: of, keys = [] }) => keys.map((key) => `${of} ${key}`)));
  const rows = lines.flatMap((each) => {
    if (each.keys === undefined) return [each.line];
    const required = wanted.get(each.file) ?? [];
    const isLast = known.get(each.file) === each;
    const added = isLast ? required.filter((key) => !written.has(`${each.file} ${key}`)) : [];
    const kept = each.keys.filter((key) => required.includes(key));
    if (kept.length === each.keys.length && added.length === 0) return [each.line];
    return kept.length + added.length === 0 ? [] : [rowOf(each.command, [...kept, ...added], each.rest)];
  });
  const endOfFirst = rows.findIndex((line, at) => line === '' && rows[at - 1]?.startsWith('|'));
  const missing = [...wanted].filter(([name]) => !known.has(name));
  rows.splice(endOfFirst, 0, ...missing.map(([name, keys]) => rowOf(`\`${commandOf(name)}\``, keys)));
  return start + rows.join('\n') + end;
}

function rowOf(command, keys, rest = '') {
  return `| ${command} | ${keys.map((key) => `\`${key}\``).join(', ')}${rest} |`;
}

/** By the name of the schema. */
function requiredKeys() {
  const names = readdirSync(`${repository}schemas`).map((file) => file.replace('.json', ''));
  const documents = names.filter((name) => name !== 'error' && !name.endsWith('.schema'));
  const read = (name) => JSON.parse(readFileSync(`${repository}schemas/${name}.json`, 'utf8'));
  return new Map(documents.map((name) => [name, read(name).required]));
}

/** `recipe-list` is of `recipe list`, `train-dry-run` of `train --dry-run`. */
function commandOf(name) {
  const { commands } = JSON.parse(readFileSync(`${repository}oclif.manifest.json`, 'utf8'));
  const ids = Object.keys(commands).map((id) => [id.replaceAll(':', ' '), id.replaceAll(':', '-')]);
  const own = ids.filter(([, written]) => name === written || name.startsWith(`${written}-`));
  const [command, written] = own.sort(([a], [b]) => b.length - a.length)[0] ?? [name, name];
  return name === written ? command : `${command} --${name.slice(written.length + 1)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = { ...(await prettier.resolveConfig(pagePath)), parser: 'markdown' };
  writeFileSync(pagePath, await prettier.format(withJsonRows(readFileSync(pagePath, 'utf8')), options));
}
