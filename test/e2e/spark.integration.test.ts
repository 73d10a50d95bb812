/** Commands with --engine spark on a real cluster of two executors: the bytes of this machine, and what is left where they end early. */
import { chmodSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepare, type Steps } from '../helpers/prepared.js';
import { runSegue, type RunOptions, type RunResult } from '../helpers/run-segue.js';
import { driverOf, master, testSpark, type TestSpark } from '../helpers/spark.js';
import { classicRock, hashesBelow, makeFolder, type Folder } from '../helpers/trained-root.js';

const trained: Steps = [
  ['train', classicRock.plays, '--items', classicRock.items, '--epochs', '2', '--factors', '8'],
];
const folded = ['user-vector', '--all', '--half-life', '3d'];

describe('--engine spark', { tags: ['spark'] }, () => {
  const folders: Folder[] = [];
  let cluster: TestSpark;
  let here: Folder;
  /** Spark itself tries for a minute: other tests run meanwhile. */
  let unreachable: Promise<RunResult>;

  const newFolder = async (): Promise<Folder> => {
    const folder = makeFolder();
    folders.push(folder);
    await prepare(folder, trained);
    return folder;
  };
  const onSpark = (
    folder: Folder,
    args: readonly string[],
    partitions = 2,
    options: RunOptions = {},
    flags = cluster.flags,
  ): Promise<RunResult> => {
    const conf = ['--spark-conf', `spark.default.parallelism=${partitions}`];
    return runSegue([...args, ...flags, ...conf], {
      cwd: folder.path,
      env: { ...cluster.env, SEGUE_ROOT: join(folder.path, 'root') },
      ...options,
    });
  };
  /** Flags with another master: two executors are not the subject of all tests. */
  const on = (other: string): string[] => cluster.flags.map((flag) => (flag === master ? other : flag));
  const oneExecutor = 'local-cluster[1,1,1024]';
  const until = async (holds: () => boolean): Promise<void> => {
    for (let turn = 0; turn < 1200 && !holds(); turn++) await setTimeout(100);
    expect(holds()).toBe(true);
  };
  const nothingRuns = (): Promise<void> =>
    until(() => cluster.running('worker').length + cluster.running('executor').length === 0);
  const snapshotsOf = ({ path }: Folder): Record<string, string> =>
    hashesBelow(join(path, 'root', 'snapshots'));
  const nodeOf = (name: string, line: string): string => {
    const path = join(here.path, name);
    writeFileSync(path, `#!/bin/sh\n${line}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  /** A Node.js of executors that takes a while to start: what runs then is in the middle of its work. */
  const slowNode = (): string =>
    nodeOf('slow-node', `[ "$1" = --version ] || sleep 3\nexec ${process.execPath} "$@"`);
  /** One whose worker waits where a folder has a checkpoint, until it has `released` too. */
  const waitingNode = ({ path }: Folder): string => {
    const [checkpoints, released, wait] = ['root/checkpoints', 'released', 'wait.mjs'].map((name) =>
      join(path, name),
    );
    const lines = `import { existsSync, readdirSync } from 'node:fs';
const isWaiting = () => existsSync('${checkpoints}') && !existsSync('${released}') &&
  readdirSync('${checkpoints}', { recursive: true }).some((name) => /\\/[1-9]/.test(name));
const nothing = new Int32Array(new SharedArrayBuffer(4));
setInterval(() => { while (isWaiting()) Atomics.wait(nothing, 0, 0, 100); }, 10).unref();
`;
    writeFileSync(wait!, lines);
    return nodeOf('waiting-node', `exec ${process.execPath} --import ${wait} "$@"`);
  };

  beforeAll(async () => {
    cluster = testSpark();
    here = await newFolder();
    await here.segue(folded);
    unreachable = onSpark(await newFolder(), folded, 2, {}, on('spark://127.0.0.1:1'));
  });
  afterAll(async () => {
    await unreachable;
    for (const folder of folders) folder.remove();
    cluster.remove();
  });

  it('user-vector --all makes the same snapshot in 2 partitions, by a Python from where it is started', async () => {
    const folder = await newFolder();
    const flags = [...cluster.flags.slice(0, -1), relative(folder.path, cluster.python)];
    const env = { ...cluster.env, PYSPARK_PYTHON: undefined, SEGUE_ROOT: join(folder.path, 'root') };
    const result = await onSpark(folder, folded, 2, { env }, flags);
    expect(result.code, result.stderr).toBe(0);
    expect(snapshotsOf(folder)).toEqual(snapshotsOf(here));
    await nothingRuns();
  });

  it('keeps the values of --spark-conf from command lines, output and files', async () => {
    const folder = await newFolder();
    let most = 0;
    const seen = new Set<string>();
    const secret = ['--spark-conf', 'spark.my.token=HUSHHUSH', '--spark-node', '/nowhere/node', '--json'];
    const onSpawn: RunOptions['onSpawn'] = (child) => {
      const timer = setInterval(() => {
        most = Math.max(most, cluster.running('executor').length);
        const [own, ...others] = commandLines(child.pid);
        // A process that segue has just forked, and that has not begun its program, still has segue's.
        for (const line of others) if (line.includes('HUSHHUSH') && line !== own) seen.add(line);
      }, 100);
      child.once('close', () => clearInterval(timer));
    };
    const result = await onSpark(folder, [...folded, ...secret], 2, { onSpawn }, on(oneExecutor));
    expect(most).toBeGreaterThan(0);
    expect([...seen]).toEqual([]);
    // It failed, so that there is a log.
    expect(result.code).toBe(7);
    const { error } = JSON.parse(result.stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe('engine-missing');
    expect(error.message).toMatch(/^no Node.js on executor .*: \/nowhere\/node: No such file/);
    expect(result.stdout + result.stderr).not.toContain('HUSHHUSH');
    await nothingRuns();
  });

  it('refuses a Node.js of executors that is too old, and a master that does not answer', async () => {
    const folder = await newFolder();
    const before = snapshotsOf(folder);
    const tooOld = ['--spark-node', nodeOf('old-node', 'echo v18.20.4')];
    const ofOld = await onSpark(folder, [...folded, ...tooOld], 2, {}, on(oneExecutor));
    expect(ofOld.code).toBe(7);
    expect(ofOld.stderr).toMatch(/Node\.js on executor .* is 18\.20\.4, wanted 20\.19 or newer/);
    const ofNobody = await unreachable;
    expect(ofNobody.code).toBe(7);
    expect(ofNobody.stderr).toContain("Spark's master does not answer: spark://127.0.0.1:1");
    expect(snapshotsOf(folder)).toEqual(before);
    await nothingRuns();
  });

  it.each([
    ['recommend', 7, ['-k', '7', '--where', 'released > 1975', '--max-per-artist', '1'], 'parquet'],
    ['similar', 2, ['-k', '5', '--kind', 'artist'], 'ndjson'],
  ])('%s --all writes the same bytes in %i partitions: %j', async (command, partitions, args, extension) => {
    const asked = [command, '--all', ...args];
    await here.segue([...asked, '--out', `local.${extension}`, '--force']);
    const result = await onSpark(here, [...asked, '--out', `spark.${extension}`, '--force'], partitions);
    expect(result.code, result.stderr).toBe(0);
    const [local, spark] = ['local', 'spark'].map((name) =>
      readFileSync(join(here.path, `${name}.${extension}`)),
    );
    expect(Buffer.compare(local!, spark!)).toBe(0);
    await nothingRuns();
  });

  describe('train', () => {
    const train = ['train', classicRock.plays, '--items', classicRock.items, '--factors', '12'];
    const trainedHere = async (args: readonly string[]): Promise<Record<string, string>> => {
      const folder = makeFolder();
      folders.push(folder);
      await folder.segue([...train, ...args]);
      return snapshotsOf(folder);
    };
    const empty = (): Folder => {
      const folder = makeFolder();
      folders.push(folder);
      return folder;
    };

    it('makes the same snapshot in 3 partitions and a staging directory, a worker and an executor killed', async () => {
      const staging = ['--spark-staging', `file://${here.path}/staging`];
      const args = ['--epochs', '4', '--holdout', '0.1'];
      const folder = empty();
      const killed: string[] = [];
      const result = await onSpark(folder, [...train, ...args, ...staging], 3, {
        onSpawn() {
          void (async () => {
            for (const what of ['worker', 'executor'] as const) {
              await until(() => cluster.running('worker').length > 0);
              process.kill(some(cluster.running(what)[0]), 'SIGKILL');
              killed.push(what);
              await setTimeout(1500);
            }
          })();
        },
      });
      expect(result.code, result.stderr).toBe(0);
      expect(killed).toEqual(['worker', 'executor']);
      expect(snapshotsOf(folder)).toEqual(await trainedHere(args));
      await nothingRuns();
    });

    it('makes the same snapshot by partial sums in 7 partitions, with a spark-submit', async () => {
      const submit = ['--spark-submit', join(cluster.env.SPARK_HOME, 'bin', 'spark-submit')];
      const args = ['--solver', 'partial-sums', '--init', 'normal', '--epochs', '1'];
      const folder = empty();
      const result = await onSpark(folder, [...train, ...args, ...submit, '--json'], 7);
      expect(result.code, result.stderr).toBe(0);
      expect(snapshotsOf(folder)).toEqual(await trainedHere(args));
      await nothingRuns();
    });

    it('leaves nothing half-made where its driver is killed, and goes on from its checkpoint in 2 partitions', async () => {
      const args = ['--epochs', '3', '--init', 'normal', '--checkpoint', '1'];
      const folder = empty();
      let isKilled = false;
      const result = await onSpark(folder, [...train, ...args, '--spark-node', waitingNode(folder)], 2, {
        onSpawn(child) {
          void until(() => checkpointsOf(folder).length > 0).then(() => {
            isKilled = process.kill(some(driverOf(some(child.pid))), 'SIGKILL');
            writeFileSync(join(folder.path, 'released'), '');
          });
        },
      });
      expect(isKilled).toBe(true);
      expect(result.code, result.stderr).toBe(7);
      expect(result.stderr).toContain('the Spark driver was ended by SIGKILL');
      expect(snapshotsOf(folder)).toEqual({});
      await nothingRuns();
      const again = await onSpark(folder, [...train, ...args, '--json']);
      expect(again.code, again.stderr).toBe(0);
      expect((JSON.parse(again.stdout) as { resumedAfter: number }).resumedAfter).toBeGreaterThanOrEqual(1);
      expect(snapshotsOf(folder)).toEqual(await trainedHere(args));
    });
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('ends the application where it gets %s itself', async (signal) => {
    const folder = await newFolder();
    const before = snapshotsOf(folder);
    const onSpawn: RunOptions['onSpawn'] = (child) => {
      void until(() => cluster.running('worker').length > 0).then(() => child.kill(signal));
    };
    const args = [...folded, '--spark-node', slowNode()];
    const result = await onSpark(folder, args, 2, { onSpawn }, on(oneExecutor));
    if (signal === 'SIGINT') {
      expect(result.code).toBe(130);
      expect(snapshotsOf(folder)).toEqual(before);
    } else expect(result.signal).toBe(signal);
    await nothingRuns();
  });
});

function checkpointsOf({ path }: Folder): string[] {
  const folder = join(path, 'root', 'checkpoints');
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\/[1-9]/.test(name))
    : [];
}

/** Of a process: 0 would be this one and all that it has started. */
function some(pid: number | undefined): number {
  if (pid === undefined) throw new Error('there is no such process');
  return pid;
}

/** Of a process, and then of all others. */
function commandLines(pid: number | undefined): string[] {
  const own = String(some(pid));
  const others = readdirSync('/proc').filter((each) => /^\d+$/.test(each) && each !== own);
  return [own, ...others].map((each) => {
    try {
      return readFileSync(`/proc/${each}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  });
}
