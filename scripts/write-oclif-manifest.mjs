// Writes oclif.manifest.json, so that starting segue does not import every command to learn its flags: those that oclif knows,
// with what a shell completes their values by, which the options of the commands' operations say.
import { writeFile } from 'node:fs/promises';
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
for (const command of Object.values(plugin.manifest.commands)) {
  const { operations = [] } = await plugin.findCommand(command.id, { must: true });
  // A command's own: oclif keeps whatever a class has.
  delete command.operations;
  for (const [name, option] of operations.flatMap(({ options }) => Object.entries(options))) {
    const of = { completes: option.completes ?? option.schema?.enum, paths: pathsOf(option) };
    const flag = command.flags[flagNameOf(name, option)];
    for (const each of flag === undefined ? argsOf(command, name) : [flag]) Object.assign(each, of);
  }
}
await writeFile(`${root}/oclif.manifest.json`, JSON.stringify(plugin.manifest, null, 1) + '\n');

function pathsOf({ value = '', schema }) {
  if (schema?.type === undefined || schema.type === 'boolean') return undefined;
  return value === 'DIR' ? 'dirs' : value.includes('FILE') ? 'files' : undefined;
}

/** What is one of several is called by its singular. */
function argsOf({ args }, name) {
  const called = { tag: ['name'], tags: ['names'] }[name] ?? [name, name.replace(/s$/, '')];
  return called.flatMap((each) => args[each] ?? []);
}
