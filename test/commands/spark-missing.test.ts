/** What is said where Spark cannot be started: nothing of it has to be here, but for Python where that is said. */
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepare } from '../helpers/prepared.js';
import { runHereJson } from '../helpers/run-here.js';
import { sparkPython } from '../helpers/spark.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder } from '../helpers/trained-root.js';

const folder = makeFolder();
const temporary = temporaryDirectories('file');

beforeAll(async () => {
  await prepare(folder, [['train', smallRock.plays, '--epochs', '1', '--factors', '8']]);
});
afterAll(() => folder.remove());

/** A directory with a program of that name, which prints a line and ends. */
function fake(name: string, program: string): string {
  const directory = temporary();
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${program}\n`);
  chmodSync(path, 0o755);
  return directory;
}

async function failed(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<{ code: number | null; error: { code: string; message: string; suggestions: string[] } }> {
  const spark = [
    'user-vector',
    '--all',
    '--half-life',
    '9d',
    '--engine',
    'spark',
    '--spark-master',
    'spark://127.0.0.1:1',
  ];
  const result = await runHereJson([...spark, ...args], {
    cwd: folder.path,
    env: { SEGUE_ROOT: 'root', ...env },
  });
  // Nothing half-made.
  expect(readdirSync(join(folder.path, 'root', 'snapshots')).filter((name) => name !== '.lock')).toHaveLength(
    1,
  );
  const { error } = result.json as { error: { code: string; message: string; suggestions: string[] } };
  return { code: result.code, error };
}

describe('user-vector --all --engine spark', () => {
  it('names the Python that is not there', async () => {
    const { code, error } = await failed(['--python', '/nowhere/python3']);
    expect(code).toBe(7);
    expect(error.code).toBe('engine-missing');
    expect(error.message).toBe('no program /nowhere/python3, which is to start Spark');
  });

  it('names the spark-submit that is not there', async () => {
    const { error } = await failed(['--spark-submit', '/nowhere/spark-submit']);
    expect(error.message).toContain('/nowhere/spark-submit');
  });

  it('says what a program printed that is no Python', async () => {
    const path = join(fake('python3', 'echo "I am no Python" >&2; exit 3'), 'python3');
    const { code, error } = await failed(['--python', path]);
    expect(code).toBe(7);
    expect(error).toMatchObject({
      code: 'engine-failed',
      details: { log: ['I am no Python', '', 'the Spark driver ended with exit code 3'] },
    });
  });

  it('asks for pyspark where Python has none, or an old one', { tags: ['python'] }, async () => {
    const empty = await failed(['--python', 'python3'], { PYTHONPATH: undefined, PYTHONNOUSERSITE: '1' });
    expect(empty.code).toBe(7);
    expect(empty.error.code).toBe('engine-missing');
    expect(empty.error.message).toMatch(/^no pyspark for .*python/);
    expect(empty.error.suggestions[0]).toMatch(/-m pip install pyspark==3\.5/);
    const old = temporary();
    mkdirSync(join(old, 'pyspark'));
    writeFileSync(join(old, 'pyspark', '__init__.py'), "__version__ = '3.4.1'\n");
    const { code, error } = await failed(['--python', 'python3'], { PYTHONPATH: old });
    expect(code).toBe(7);
    expect(error).toMatchObject({ code: 'engine-too-old', message: 'pyspark is 3.4.1, wanted 3.5 or newer' });
  });

  it('asks for Java where there is none, or an old one', { tags: ['spark'] }, async () => {
    const given = ['--python', sparkPython];
    const none = await failed(given, { JAVA_HOME: '/nowhere' });
    expect(none).toMatchObject({ code: 7, error: { code: 'engine-missing' } });
    expect(none.error.message).toContain('no Java: /nowhere/bin/java');
    const other = await failed(given, {
      JAVA_HOME: undefined,
      PATH: `${fake('java', 'echo hello')}:${process.env['PATH']}`,
    });
    expect(other.error).toMatchObject({ code: 'engine-missing' });
    const old = fake('java', 'echo \'java version "1.7.0_80"\' >&2');
    const { code, error } = await failed(given, {
      JAVA_HOME: undefined,
      PATH: `${old}:${process.env['PATH']}`,
    });
    expect(code).toBe(7);
    expect(error.code).toBe('engine-too-old');
    expect(error.message).toMatch(/^Java is 7, wanted 8 or newer/);
  });

  it('refuses settings that are none, without repeating them', async () => {
    const { code, error } = await failed(['--spark-conf', 'HUSHHUSH']);
    expect(code).toBe(2);
    expect(error.message).toBe('--spark-conf number 1: wanted key=value');
  });
});

describe('flags of Spark', () => {
  const usage = async (...args: string[]): Promise<unknown> => {
    const [document] = await folder.json(args, 2);
    return (document as { error: { message: string } }).error.message;
  };

  it('are refused where they mean nothing', async () => {
    expect(await usage('user-vector', '--all', '--spark-master', 'yarn')).toBe(
      '--spark-master is for Spark, and the engine is local',
    );
    expect(await usage('user-vector', '--like', 'Plush', '--engine', 'spark')).toBe(
      '--engine is for work in bulk: other answers are computed on this machine',
    );
  });
});
