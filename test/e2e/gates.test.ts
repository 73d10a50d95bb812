/** Gates and canary items on a real model, from the command line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recommend } from '#dist/core/library.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { listening } from '../helpers/snapshots.js';
import { classicRock, makeFolder } from '../helpers/trained-root.js';
import type { Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

useCanaryHere();

const example = fileURLToPath(new URL('../../examples/classic-rock/segue-gates.yaml', import.meta.url));
let folder: Folder;
let trained = '';

beforeAll(async () => {
  folder = makeFolder();
  const train = ['train', classicRock.plays, '--items', classicRock.items, '--factors', '16'];
  const [result] = await folder.json(train);
  trained = String(result!.snapshot);
});
afterAll(() => folder.remove());

interface Verdict {
  readonly name: string;
  readonly value: number | null;
  readonly passed: boolean;
  readonly judged: boolean;
}

it('examples/classic-rock/segue-gates.yaml holds for a model of these plays; only what compares with current is not judged yet', async () => {
  const [result] = await folder.json(['publish', '--gates', example, '--dry-run']);
  const gates = result!.gates as Verdict[];
  expect(gates).toHaveLength(13);
  expect(gates.filter(({ passed }) => !passed)).toEqual([]);
  expect(gates.filter(({ judged }) => !judged).map(({ name }) => name)).toEqual([
    'overlap@10',
    'items.removed',
  ]);
});

it('first-neighbour-events@n is the least number of events of a first neighbour, among the songs played most', async () => {
  const gate = (required: string): string[] => words`publish ${trained} --require ${required} --gates
      none --dry-run`;
  const [result] = await folder.json(gate('first-neighbour-events@10>=5'));
  const [{ value }] = result!.gates as [{ value: number }];
  const first: number[] = [];
  const [{ items }] = (await folder.json(['items', '-k', '10', '--snapshot', trained])) as [any];
  for (const { id } of items) {
    const [near] = await folder.json(['similar', `id:${id}`, '-k', '1', '--snapshot', trained]);
    const [{ events }] = (await folder.json(words`items show id:${near!['neighbours'][0].id}
        --snapshot ${trained}`)) as [any];
    first.push(events);
  }
  expect(value).toBe(Math.min(...first));
  await folder.segue(gate(`first-neighbour-events@10>${value}`), 1);
});

describe('coverage@k', () => {
  it('is the share of songs among the first k recommendations of anybody', async () => {
    const root = join(folder.path, 'root');
    const users = await everyone();
    const asked = { root, users, k: 7, snapshot: trained };
    const shown = new Set(
      (await recommend(asked, listening())).flatMap((one) => one.recommendations.map(({ id }) => id)),
    );
    const gate = ['publish', trained, '--require', 'coverage@7>0', '--gates', 'none', '--dry-run'];
    for (const threads of ['1', '2']) {
      const [result] = await folder.json([...gate, '--threads', threads]);
      expect(result!.gates).toMatchObject([{ kind: 'measured', value: shown.size / 2221, passed: true }]);
    }
  });

  async function everyone(): Promise<string[]> {
    const { readUserTable } = await import('#dist/core/tables/snapshot-tables.js');
    const { ids } = await readUserTable(join(folder.path, 'root/snapshots', trained, 'users/users.arrow'));
    return Array.from({ length: ids.length }, (_, row) => ids.at(row));
  }
});

it('canary items among recommendations have the rank that recommend gives them', async () => {
  const taste = ['--like', 'Plush', '--dislike', 'Rocket Man'];
  const [answer] = await folder.json(['recommend', ...taste, '--snapshot', trained, '-k', '3']);
  const third = (answer!.recommendations as { id: string }[])[2]!.id;
  const file = join(folder.path, 'canary.json');
  const canary = { like: 'Plush', dislike: 'Rocket Man', contains: third, within: 3 };
  writeFileSync(
    file,
    JSON.stringify({ canaries: [canary, { ...canary, within: 2 }, { ...canary, lacks: third }] }),
  );
  const [failure] = await folder.json(['publish', '--gates', file], 1);
  expect(failure!.error.details.gates).toMatchObject([
    { value: 3, passed: true, canary: { asked: 'recommend' } },
    { value: 3, passed: false, note: 'it is number 3' },
    { value: 3, passed: true },
    { value: 3, required: '>3', passed: false },
  ]);
});

it('segue publish shows the verdicts, exits 1 and publishes nothing where one fails; takes the gates beside the root', async () => {
  writeFileSync(join(folder.path, 'segue-gates.yaml'), 'require:\n  - items>=1e6\n  - users>=100\n');
  const failed = await folder.segue(['publish'], 1);
  expect(failed.stdout.split('\n').slice(0, 3)).toEqual([
    '   gate   value  required  from',
    '✗  items  2,221  >=1e6     segue-gates.yaml:2',
    '✓  users    172  >=100     segue-gates.yaml:3',
  ]);
  expect(failed.stderr).toContain(`Note: the gates of ${join(folder.path, 'segue-gates.yaml')} apply too`);
  expect(failed.stderr).toContain('1 of 2 gates fails');
  await folder.segue(['similar', 'Plush', '--snapshot', 'current'], 3);
  const published = await folder.segue(['publish', '--gates', 'none']);
  expect(published.stdout).toContain(`Published ${trained}`);
  const people = words`recommendations.overlap@10>=1 recommendations.rbo>0.99 skew.lost<=0
      users.removed<1`;
  await folder.segue(['publish', '--gates', 'none', ...people.flatMap((gate) => ['--require', gate])]);
  writeFileSync(join(folder.path, 'segue-gates.yaml'), 'requires:\n  - items>=1e6\n');
  const wrong = await folder.segue(['publish'], 2);
  expect(wrong.stderr).toContain(
    'segue-gates.yaml line 1: the key "requires" is not known; did you mean require?',
  );
});
