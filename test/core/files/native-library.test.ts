import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { loadError } from '#dist/core/files/native-library.js';
import { copyGoldenRoot } from '../../helpers/golden-root.js';
import { runSegue } from '../../helpers/run-segue.js';
import { makeFolder } from '../../helpers/trained-root.js';
import type { Folder } from '../../helpers/trained-root.js';

const glibcError = Object.assign(
  new Error("/lib64/libc.so.6: version `GLIBC_2.34' not found (required by /n/lmdb.node)\nmore"),
  { code: 'ERR_DLOPEN_FAILED' },
);
const muslError = Object.assign(new Error('Error loading shared library ld-linux-x86-64.so.2'), {
  code: 'ERR_DLOPEN_FAILED',
});

describe('loadError', () => {
  it.each([
    ['an older glibc', glibcError, '2.28', 'segue needs glibc 2.34 or newer, and this system has 2.28'],
    ['musl', muslError, undefined, 'segue needs glibc 2.34 or newer, and this system has another C library'],
    ['no build', new Error('No native build was found for platform=linux'), undefined, 'glibc 2.34'],
  ])('says what is needed where there is %s', { tags: ['linux'] }, (_what, error, version, message) => {
    const told = loadError('lmdb', error, () => version);
    expect(told).toMatchObject({
      ...{ name: 'AppError', code: 'io-error', exitCode: 7, cause: error },
      message: expect.stringContaining(message),
      suggestions: [expect.stringContaining('Debian 12')],
    });
  });

  it.each(['2.34', '2.41', '3.0'])('does not blame a glibc that is new enough: %s', (version) => {
    const told = loadError('lmdb', glibcError, () => version);
    expect(told).toBeInstanceOf(AppError);
    expect((told as AppError).message).toBe(
      "could not load lmdb: /lib64/libc.so.6: version `GLIBC_2.34' not found (required by /n/lmdb.node)",
    );
  });

  it('leaves everything else as it is', () => {
    const bug = new TypeError('x is not a function');
    expect(loadError('lmdb', bug, () => '2.28')).toBe(bug);
  });
});

describe('a system on which a binary cannot be loaded', () => {
  let folder: Folder;
  const train = ['train', 'plays.csv', '--factors', '1', '--epochs', '1', '--threads', '1'];
  beforeAll(() => {
    folder = makeFolder();
    copyGoldenRoot('v1', join(folder.path, 'root'));
    writeFileSync(join(folder.path, 'plays.csv'), 'user,item\na,x\na,y\nb,x\n');
  });
  afterAll(() => folder.remove());

  /** What Node says on RHEL 8, or on Alpine; the version that runs here is another. */
  const without = (library: string): Record<string, string> => ({
    SEGUE_ROOT: join(folder.path, 'root'),
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`
      const open = process.dlopen;
      process.dlopen = (module, file, ...more) => {
        if (!file.includes(${JSON.stringify(library)})) return open(module, file, ...more);
        throw Object.assign(new Error("version GLIBC_2.34 not found"), { code: 'ERR_DLOPEN_FAILED' });
      };
      const report = process.report.getReport.bind(process.report);
      process.report.getReport = () => ({ ...report(), header: { glibcVersionRuntime: '2.28' } });`)}`,
  });

  it.each([
    ['lmdb', 'lmdb', [...train, '--seed', '2']],
    ['DuckDB', 'duckdb', [...train, '--seed', '3']],
    ['fs-native-extensions', 'fs-native-extensions', ['similar', '--all', '-k', '2']],
  ])('says so of %s, and calls nothing damaged', { tags: ['linux'] }, async (name, library, args) => {
    rmSync(join(folder.path, 'root', 'stamps'), { recursive: true, force: true });
    const { code, stderr } = await runSegue(args, { env: without(library), cwd: folder.path });
    expect(stderr).toContain(
      `could not load ${name}: segue needs glibc 2.34 or newer, and this system has 2.28`,
    );
    expect(stderr).toContain('→ use a newer system');
    expect(code).toBe(7);
  });
});
