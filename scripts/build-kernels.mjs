// Compiles the kernels, and writes what they export as TypeScript: a signature each, and the values of constants.
import { mkdir, writeFile } from 'node:fs/promises';

const sources = 'src/core/kernels';
const config = `${sources}/asconfig.json`;
const wasmPath = 'dist/core/kernels/kernels.wasm';
const typesPath = 'src/core/compute/kernel-exports.ts';

const { default: asc } = await import('assemblyscript/asc');
const outputs = {};
const { error } = await asc.main([`${sources}/index.ts`, '--config', config, '--bindings', 'raw'], {
  stderr: process.stderr,
  writeFile: (path, contents) => void (outputs[path.replace(/.*\./, '')] = contents),
});
if (error) throw error;

/** A function in the bindings' .d.ts, where AssemblyScript's own types stand in the comment before it. */
const signatures = outputs.ts.split('/**').flatMap((text) => {
  const name = /export function (\w+)/.exec(text)?.[1];
  const parameters = [...text.matchAll(/@param (\w+) `(\w+)`/g)].map(([, each, type]) => `${each}: ${type}`);
  const returns = text.includes('@returns') ? 'number' : 'void';
  return name === undefined ? [] : [`  ${name}(${parameters.join(', ')}): ${returns};\n`];
});
const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
const module = new WebAssembly.Module(outputs.wasm);
const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
const constants = Object.entries(exports).filter(([, value]) => value instanceof WebAssembly.Global);

await mkdir('dist/core/kernels', { recursive: true });
await writeFile(wasmPath, outputs.wasm);
await writeFile(
  typesPath,
  `/** What the kernels export; src/core/kernels documents it. Written by scripts/build-kernels.mjs. */
import type { f32, f64, u32, usize } from './wasm-numbers.js';

export interface Kernels {
${signatures.join('')}}

${constants.map(([name, { value }]) => `export const ${name} = ${value};\n`).join('')}`,
);
