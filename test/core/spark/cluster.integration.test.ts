/** The workers of a real cluster of two executors, one by one killed. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFold } from '#dist/core/models/folding/fold-in-everyone.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { openModel } from '#dist/core/query/open-model.js';
import { openForReading, type OpenSnapshot } from '#dist/core/snapshot/open-snapshot.js';
import { rowBlobs } from '#dist/core/spark/history-chunks.js';
import { readStoredHistories } from '#dist/core/snapshot/users/stored-histories.js';
import { openSpark, type Spark } from '#dist/core/spark/open-spark.js';
import { shareSnapshot, watched } from '#dist/core/spark/shared-snapshot.js';
import type { WorkerJob } from '#dist/core/spark/worker-jobs.js';
import type { Pairs } from '#dist/core/contracts.js';
import { prepare } from '../../helpers/prepared.js';
import { readUserVectors } from '../../helpers/user-vectors.js';
import { master, testSpark, type TestSpark } from '../../helpers/spark.js';
import { classicRock, makeFolder } from '../../helpers/trained-root.js';
import { setTimeout } from 'node:timers/promises';

describe('the workers of a cluster', { tags: ['spark'] }, () => {
  let cluster: TestSpark;
  const folder = makeFolder();
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  let snapshot: OpenSnapshot;
  let histories: Pairs;
  let spark: Spark;
  let job: WorkerJob;
  let chunk: Uint8Array[];
  let wanted: Uint8Array;

  const fold = async (): Promise<Uint8Array> => {
    const { blobs } = await spark.ask(job, {}, chunk);
    return blobs[0]!;
  };
  const foldEverywhere = (): Promise<Uint8Array[]> => Promise.all(Array.from({ length: 6 }, fold));

  beforeAll(async () => {
    cluster = testSpark();
    await prepare(folder, [['train', classicRock.plays, '--epochs', '2', '--factors', '8']]);
    snapshot = await openForReading(`${folder.path}/root`, 'latest', context);
    histories = readStoredHistories(snapshot);
    const watching = watched(snapshot);
    const model = openModel(watching.snapshot);
    const sizes = { mostUsers: histories.numUsers, threads: 1 };
    const fold = await openFold(model.fold(), model.itemVectors, sizes, context.signal);
    const { buffer } = await readUserVectors(fold.all(histories, context));
    wanted = new Uint8Array(buffer);
    await fold.close();
    chunk = rowBlobs(model.fold().rowsOf(histories, openWorkspace(0).kernels));
    model.close();
    Object.assign(process.env, cluster.env);
    spark = await openSpark({ sparkMaster: master, python: cluster.python }, { openBytes: 0 }, context);
    job = { job: 'fold-users', snapshot: await shareSnapshot(spark, snapshot, watching.asked) };
  });

  afterAll(async () => {
    await spark.close();
    snapshot.close();
    folder.remove();
    cluster.remove();
  });

  const untilGone = async (what: 'executor' | 'worker'): Promise<void> => {
    while (cluster.running(what).length > 0) await setTimeout(100);
  };

  it('give the bits of this machine, one worker an executor', async () => {
    for (const got of await foldEverywhere()) expect(Buffer.compare(got, wanted)).toBe(0);
    expect(cluster.running('executor')).toHaveLength(2);
    expect(cluster.running('worker')).toHaveLength(2);
  });

  it('are started again where they are killed', async () => {
    const before = cluster.running('worker');
    const asked = foldEverywhere();
    for (const pid of before) process.kill(pid, 'SIGKILL');
    for (const got of [...(await asked), ...(await foldEverywhere())])
      expect(Buffer.compare(got, wanted)).toBe(0);
    expect(cluster.running('worker').filter((pid) => before.includes(pid))).toEqual([]);
  });

  it('end with an executor that is killed, whose work another does', async () => {
    const [executor = 0] = cluster.running('executor');
    const asked = foldEverywhere();
    process.kill(executor, 'SIGKILL');
    for (const got of await asked) expect(Buffer.compare(got, wanted)).toBe(0);
    while (cluster.running('executor').includes(executor)) await setTimeout(100);
    await foldEverywhere();
    expect(cluster.running('worker').length).toBeLessThanOrEqual(2);
  });

  it('say what is wrong with what they are sent, which is not tried again', async () => {
    await expect(spark.ask(job, {}, [])).rejects.toMatchObject({ code: 'engine-failed', exitCode: 7 });
    expect(Buffer.compare(await fold(), wanted)).toBe(0);
  });

  it('have Python read no archive again for each task', () => {
    const program = [
      'import os, sys, zipfile, zipimport',
      'archive = os.path.join(sys.argv[1], "modules.zip")',
      'with zipfile.ZipFile(archive, "w") as file:',
      '    file.writestr("in_archive.py", "")',
      '    file.writestr("in_archive_too.py", "")',
      'sys.path[:0] = [sys.argv[2], archive]',
      'import in_archive, segue_executor',
      'count = lambda: sum(isinstance(each, zipimport.zipimporter) for each in sys.path_importer_cache.values())',
      'before = count()',
      'segue_executor._forget_archives()',
      'after = count()',
      'import in_archive_too',
      'print(before > 0, after)',
    ].join('\n');
    const modules = fileURLToPath(new URL('../../../src/spark', import.meta.url));
    const options = { encoding: 'utf8', env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } } as const;
    const said = execFileSync(cluster.python, ['-c', program, folder.path, modules], options);
    expect(said.trim()).toBe('True 0');
  });

  it('end with the application', async () => {
    await spark.close();
    await untilGone('worker');
    await untilGone('executor');
    await expect(fold()).rejects.toThrow('a driver that is closed');
  });
});
