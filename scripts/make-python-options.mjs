// Writes clients/python/src/segue/_options.py: defaults and bounds of the options that Python has too, from the catalogue.
// node scripts/make-python-options.mjs, after a build; with - it prints the file. A test holds the file to it.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalogue } from '../dist/core/options/catalogue.js';

const path = fileURLToPath(new URL('../clients/python/src/segue/_options.py', import.meta.url));

const lines = ['k', 'minEvents', 'kind'].flatMap((name) => {
  const { fallback, range } = catalogue[name];
  const constant = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const bounds = range === undefined ? [] : [`${constant}_RANGE = (${range.min}, ${range.max})`];
  return [`${constant} = ${JSON.stringify(fallback())}`, ...bounds];
});
const text = `"""Defaults and bounds of options. Made by scripts/make-python-options.mjs."""

${lines.join('\n')}
`;

if (process.argv[2] === '-') process.stdout.write(text);
else writeFileSync(path, text);
