// Bundles the page into dist/web: one script and one style sheet, named by their content, and index.html.
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const out = 'dist/web';
await rm(out, { recursive: true, force: true });
const { outputFiles } = await build({
  entryPoints: { page: 'src/web/main.tsx', style: 'src/web/styles/style.css' },
  outdir: `${out}/assets`,
  entryNames: '[name]-[hash]',
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome123', 'firefox124', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  write: true,
  metafile: true,
  logLevel: 'warning',
}).then(async ({ metafile }) => ({
  outputFiles: await Promise.all(
    Object.keys(metafile.outputs).map(async (path) => ({ path, bytes: await readFile(path) })),
  ),
}));

const named = (ending) => `assets/${basename(outputFiles.find(({ path }) => path.endsWith(ending)).path)}`;
const template = await readFile('src/web/index.html', 'utf8');
const html = template.replace('{{script}}', named('.js')).replace('{{style}}', named('.css'));
await writeFile(`${out}/index.html`, html);
// It is a part of the script.
await copyFile('node_modules/preact/LICENSE', `${out}/preact-LICENSE.txt`);

const kB = (bytes) => (bytes.length / 1000).toFixed(1);
const sizes = outputFiles.map(
  ({ path, bytes }) => `${basename(path)} ${kB(bytes)} kB (${kB(gzipSync(bytes))} gzipped)`,
);
console.log(`the page: ${sizes.join(', ')}`);
