// Which test files execute what of dist/, remembered in build/coverage-by-test until dist/, the helpers or the file change.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/**
 * Gives the test files that execute what a mutant changes, the cheapest first. What is executed when a module is loaded counts
 * for those who use the module, or one that imports it: files follow each other in a process, and the first one loads it.
 */
export async function readCoverage(checkout, files, run) {
  const collect = join(checkout, 'build/coverage-by-test');
  mkdirSync(collect, { recursive: true });
  const compiled = namesIn(checkout, 'dist', /\.js$/);
  const common = hashOf(checkout, [...compiled, ...namesIn(checkout, 'test/helpers', /\.\w*[jt]sx?$/)]);
  const keys = Object.fromEntries(files.map((file) => [file, common + hashOf(checkout, [file])]));
  const read = (file) => {
    const path = join(collect, `${file.replaceAll('/', '+')}.json`);
    const kept = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
    return kept?.key === keys[file] ? [kept] : [];
  };
  const missing = files.filter((file) => read(file).length === 0);
  if (missing.length > 0) await run(missing, { collect, keys });
  const failing = missing.filter((file) => read(file).length === 0);
  if (missing.length > 0) process.stderr.write('\n');
  for (const file of failing) process.stderr.write(`left out, since it fails without a mutant: ${file}\n`);

  const tests = files.flatMap(read).sort((a, b) => a.cpuSeconds - b.cpuSeconds);
  const importers = importersOf(checkout, compiled);
  return ({ compiled: name, evaluated, isLoading }) =>
    tests.filter(({ covered }) => {
      if (isLoading) return [name, ...(importers.get(name) ?? [])].some((file) => file in covered);
      const ranges = covered[name] ?? [];
      return ranges.some((from, at) => at % 2 === 0 && from <= evaluated && evaluated < ranges[at + 1]);
    });
}

function importersOf(checkout, compiled) {
  const importers = new Map();
  for (const path of compiled) {
    for (const [, named] of readFileSync(join(checkout, path), 'utf8').matchAll(/'(\.\.?\/[^']*\.js)'/g)) {
      const imported = normalize(join(dirname(path), named)).slice('dist/'.length);
      importers.set(imported, [...(importers.get(imported) ?? []), path.slice('dist/'.length)]);
    }
  }
  return importers;
}

function namesIn(checkout, directory, wanted) {
  const names = readdirSync(join(checkout, directory), { recursive: true });
  return names
    .filter((name) => wanted.test(name))
    .map((name) => `${directory}/${name.replaceAll('\\', '/')}`)
    .sort();
}

function hashOf(checkout, files) {
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(file).update(readFileSync(join(checkout, file)));
  return hash.digest('hex');
}
