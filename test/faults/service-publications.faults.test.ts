/**
 * Publishing and rolling back under load: no request fails, no answer mixes two snapshots, no caller goes back in time, and
 * what the service held is given back. SEGUE_TEST_PUBLICATIONS=1000 says how many times; 40 without it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { spawnService } from '../helpers/service.js';
import { classicRock, makeFolder, type Folder } from '../helpers/trained-root.js';

const publications = Number(process.env['SEGUE_TEST_PUBLICATIONS'] ?? 40);
const path = '/v1/similar?item=Plush&k=5';

let folder: Folder;
beforeAll(async () => {
  folder = makeFolder();
  const train = ['train', classicRock.plays, '--items', classicRock.items, '--factors', '8'];
  await folder.segue([...train, '--epochs', '1', '--tag', 'one']);
  await folder.segue([...train, '--epochs', '2', '--tag', 'two']);
  await folder.segue(['publish', 'one']);
});
afterAll(() => folder.remove());

it('loses no request, mixes nothing and holds no more than before', { timeout: 3_600_000 }, async () => {
  const service = await spawnService(join(folder.path, 'root'), ['--log-level', 'silent']);
  const answers = new Map<string, Set<string>>();
  let asked = 0;
  let over = false;
  const ask = async (): Promise<void> => {
    let epoch = 0;
    while (!over) {
      const { status, headers, body, text } = await service.get(path);
      asked++;
      expect(status, text).toBe(200);
      const snapshot = headers.get('segue-snapshot')!;
      expect(body.snapshot).toBe(snapshot);
      expect(Number(headers.get('segue-epoch'))).toBeGreaterThanOrEqual(epoch);
      epoch = Number(headers.get('segue-epoch'));
      answers.set(snapshot, (answers.get(snapshot) ?? new Set()).add(text));
    }
  };
  const asking = Array.from({ length: 4 }, ask);
  const seen = async (epoch: number): Promise<void> => {
    let now = 0;
    while (now < epoch) now = Number((await service.get(path)).headers.get('segue-epoch'));
  };
  let settled = { mib: 0, files: 0 };
  for (let at = 0; at < publications; at++) {
    await folder.segue(at % 2 === 0 ? ['publish', 'two'] : ['rollback']);
    // What is current for less time than opening takes may be passed over.
    await seen(at + 2);
    if (at + 1 === Math.ceil(publications / 4)) settled = heldBy(service.pid);
  }
  over = true;
  await Promise.all(asking);
  const held = heldBy(service.pid);
  process.stderr.write(
    `${asked} answers over ${publications} publications: ${settled.mib} MiB, ${settled.files} files after a quarter, ` +
      `${held.mib} MiB, ${held.files} files at the end\n`,
  );
  expect(answers.size).toBe(2);
  for (const texts of answers.values()) expect(texts.size).toBe(1);
  expect(held.files).toBeLessThanOrEqual(settled.files + 20);
  expect(held.mib).toBeLessThanOrEqual(settled.mib + 100);
  expect(await service.end('SIGTERM')).toBe(0);
});

function heldBy(pid: number): { mib: number; files: number } {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  return { mib: Math.round(Number(kib) / 1024), files: readdirSync(`/proc/${pid}/fd`).length };
}
