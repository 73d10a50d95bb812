// Lays out in dist/spark what Spark is given: the driver's Python, and the worker of executors, bundled so that it needs no package.
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const out = 'dist/spark';
await rm(out, { recursive: true, force: true });
await mkdir(`${out}/worker/kernels`, { recursive: true });
for (const name of await readdir('src/spark'))
  if (name.endsWith('.py')) await copyFile(`src/spark/${name}`, `${out}/${name}`);

// As src/core has them: the worker starts compute/worker.js and compute/events.js, and reads kernels/kernels.wasm beside its folder.
const { metafile } = await build({
  entryPoints: {
    main: 'dist/core/spark/worker/main.js',
    events: 'dist/core/spark/worker/events.js',
    worker: 'dist/core/compute/worker.js',
  },
  outdir: `${out}/worker/compute`,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
const packages = Object.values(metafile.outputs)
  .flatMap(({ imports }) => imports)
  .filter(({ path, external }) => external && !path.startsWith('node:'));
const bundled = Object.keys(metafile.inputs).filter((path) => path.startsWith('node_modules/'));
if (packages.length + bundled.length > 0)
  throw new Error(`the worker has to do without packages: ${JSON.stringify([...packages, ...bundled])}`);
await copyFile('dist/core/kernels/kernels.wasm', `${out}/worker/kernels/kernels.wasm`);
const { version } = JSON.parse(await readFile('package.json', 'utf8'));
await writeFile(`${out}/worker/package.json`, `${JSON.stringify({ type: 'module', version })}\n`);
