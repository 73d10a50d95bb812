// Writes oclif.manifest.json, so that starting segue does not import every command to learn its flags.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core';

const root = fileURLToPath(new URL('..', import.meta.url));
const plugin = new Plugin({
  root,
  ignoreManifest: true,
  errorOnManifestCreate: true,
  respectNoCacheDefault: true,
});
await plugin.load();
await writeFile(`${root}/oclif.manifest.json`, JSON.stringify(plugin.manifest, null, 1) + '\n');
