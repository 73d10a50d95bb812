// Writes oclif.manifest.json, so that starting segue does not import every command to learn its flags: those that oclif knows,
// with what a shell completes their values by, which the options of the commands' operations say, and the place that a command has in help.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core';

const root = fileURLToPath(new URL('..', import.meta.url));
const { flagNameOf } = await import(`${root}/dist/cli/terminal/option-names.js`);
const plugin = new Plugin({
  root,
  ignoreManifest: true,
  errorOnManifestCreate: true,
  respectNoCacheDefault: true,
});
await plugin.load();
const { commands } = plugin.manifest;
// `segue` alone is found without a name.
for (const [id, { hidden }] of Object.entries(commands)) if (hidden) delete commands[id];
const inTables = idsIn(await readFile(`${root}/docs/reference/commands.md`, 'utf8'), Object.keys(commands));
for (const command of Object.values(commands)) {
  const place = inTables.indexOf(command.id);
  if (place >= 0) command.place = place;
  const { operations = [], args = {} } = await plugin.findCommand(command.id, { must: true });
  // A command's own: oclif keeps whatever a class has.
  delete command.operations;
  for (const [name, option] of operations.flatMap(({ options }) => Object.entries(options))) {
    const of = { completes: option.completes ?? option.schema?.enum, paths: pathsOf(option) };
    const flag = command.flags[flagNameOf(name, option)];
    const standing = Object.keys(args).filter((arg) => (args[arg].of[0] ?? arg) === name);
    for (const each of flag === undefined ? standing.map((arg) => command.args[arg]) : [flag])
      Object.assign(each, of);
  }
}
await writeFile(`${root}/oclif.manifest.json`, JSON.stringify(plugin.manifest, null, 1) + '\n');

function pathsOf({ value = '', schema }) {
  if (schema?.type === undefined || schema.type === 'boolean') return undefined;
  return value === 'DIR' ? 'dirs' : value.includes('FILE') ? 'files' : undefined;
}

/** Commands in the order in which the tables of the page have them; verbs in that of their topic's row. */
function idsIn(page, known) {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((row) => {
      const [named = [], others = []] = row.split('|').slice(1, 3).map(wordsIn);
      const own = named.flatMap(([name, verb = 'list']) => [name, `${name}:${verb}`]);
      const verbs = others.flatMap(([name]) => [...named.map(([topic]) => `${topic}:${name}`), name]);
      return { own, verbs };
    });
  const own = new Set(rows.flatMap((row) => row.own));
  // What a row names in passing has a row of its own.
  const ids = rows.flatMap((row) => [...row.own, ...row.verbs.filter((id) => !own.has(id))]);
  return [...new Set(ids)].filter((id) => known.includes(id));
}

/** The words of each piece of code. */
function wordsIn(cell) {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code.split(' '));
}
