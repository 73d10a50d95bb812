/** The process that opens a new snapshot is killed: nothing is called damaged, and nothing is made twice. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withoutCanary } from '../helpers/calls-in-process.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { classicRock, makeFolder } from '../helpers/trained-root.js';

useCanaryHere();

const folder = makeFolder();
afterAll(() => folder.remove());

const snapshots = join(folder.path, 'root', 'snapshots');
const entries = (): string[] => (existsSync(snapshots) ? readdirSync(snapshots).sort() : []);
const whereItIsKilled = (args: readonly string[]) =>
  withoutCanary(() => folder.json(args, 7), 'SIGKILL').then(([said]) => said);

describe('where the canary is killed', () => {
  it.each<[string, string[]]>([
    ['train', ['train', classicRock.plays, '--factors', '4', '--epochs', '2']],
    ['build-index', ['build-index']],
    ['user-vector --all', ['user-vector', '--all', '--half-life', '30d']],
  ])('%s ends with 7, and the same command goes on from there', async (_what, args) => {
    const before = entries();
    expect(await whereItIsKilled(args)).toMatchObject({
      error: { code: 'unchecked', message: expect.stringContaining('SIGKILL') },
    });
    const [kept = ''] = entries().filter((name) => name.startsWith('.'));
    expect(kept).toMatch(/^\.unchecked-[0-9a-f]{16}$/);
    expect(entries()).toHaveLength(before.length + 1);

    const snapshot = kept.slice('.unchecked-'.length);
    expect(await folder.json(args)).toMatchObject([{ snapshot, existed: true }]);
    expect(entries()).toEqual([...before, snapshot].sort());
  });

  it('publish changes nothing, and says that nothing is known', async () => {
    for (const args of [['publish'], ['snapshots', 'verify', 'latest']])
      expect(await whereItIsKilled(args)).toMatchObject({ error: { code: 'unchecked' } });
    expect(await folder.json(['publish'])).toMatchObject([{ previous: null }]);
  });
});
