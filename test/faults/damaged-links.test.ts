/** `current` as it should not be: every command says what is wrong, each in its own words, and deletes nothing. */
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publish } from '#dist/core/tasks/publish.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { runHere } from '../helpers/run-here.js';
import { idA, idB, idC, listening, modelFiles, plantLink, plantSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

useCanaryHere();

const temporaryDirectory = temporaryDirectories('file');

/** What stands at `current`, and what is said of it. */
const states: Record<string, { plant: (link: string) => void; says: RegExp; code: number }> = {
  missing: { plant: () => undefined, says: /nothing is published/, code: 3 },
  dangling: {
    plant: (link) => {
      symlinkSync(`snapshots/${idC}`, link);
    },
    says: /current names the snapshot c{16}, which is not there/,
    code: 4,
  },
  'a loop': {
    plant: (link) => {
      symlinkSync('current', link);
    },
    says: /current is a loop: a link to "current"/,
    code: 4,
  },
  'a regular file': {
    plant: (link) => {
      writeFileSync(link, 'precious');
    },
    says: /current is a regular file where segue keeps a symbolic link; move it away/,
    code: 4,
  },
  'a real directory': {
    plant: (link) => {
      mkdirSync(link);
      writeFileSync(join(link, 'file'), 'precious');
    },
    says: /current is a directory where segue keeps a symbolic link; move it away/,
    code: 4,
  },
  'absolute, to a snapshot outside': {
    plant: (link) => {
      const outside = join(dirname(dirname(link)), 'outside');
      plantSnapshot(outside, idA);
      symlinkSync(join(outside, 'snapshots', idA), link);
    },
    says: /current points outside of the snapshots, to ".*outside.*"; wanted a link to snapshots\/ and an id/,
    code: 4,
  },
};

/** A and B were published, by their history, A last; then `current` became something else. */
async function makeRoot(plant: (link: string) => void): Promise<string> {
  const root = join(temporaryDirectory(), 'root');
  mkdirSync(root);
  plantSnapshot(root, idA);
  plantSnapshot(root, idB, modelFiles(2));
  for (const snapshot of [idB, idA]) {
    await publish({ root, snapshot, require: [], dryRun: false }, listening());
  }
  plantLink(root, 'latest', idB);
  const link = join(root, 'current');
  rmSync(link);
  plant(link);
  return root;
}

/** Every name below a directory, with the text of links and files. */
function treeOf(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(root, name);
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return [name, `-> ${readlinkSync(path)}`];
      return [name, stat.isFile() ? readFileSync(path, 'latin1') : '/'];
    }),
  );
}

/** Commands that read or change `current` and cannot do without it. */
const refused: [name: string, args: string[]][] = [
  ['snapshots show current', ['snapshots', 'show', 'current']],
  ['snapshots verify current', ['snapshots', 'verify', 'current']],
  ['snapshots tag current', ['snapshots', 'tag', 'current', 'kept']],
  ['diff-snapshots current', ['diff-snapshots', 'current', idB]],
  ['similar', ['similar', 'x', '--snapshot', 'current']],
  ['recommend', ['recommend', '--like', 'x', '--snapshot', 'current']],
  ['build-index', ['build-index', 'current']],
  ['publish current', ['publish', 'current']],
];

describe.each(Object.entries(states))('current that is %s', (state, { plant, says, code }) => {
  it('is told of by whatever needs it, and left as it is', async () => {
    const root = await makeRoot(plant);
    const before = treeOf(dirname(root));
    for (const [name, args] of refused) {
      const { code: got, stderr, stdout } = await runHere([...args, '--json'], { env: { SEGUE_ROOT: root } });
      expect({ name, got, stderr }).toEqual({ name, got: code, stderr: '' });
      const { error } = JSON.parse(stdout) as { error: { message: string } };
      expect(error.message, name).toMatch(says);
    }
    expect(treeOf(dirname(root))).toEqual(before);
  });

  it('keeps nobody from looking: at the list, the history, and what is named otherwise', async () => {
    const root = await makeRoot(plant);
    const before = treeOf(dirname(root));
    const run = (...args: string[]): ReturnType<typeof runHere> =>
      runHere(args, { env: { SEGUE_ROOT: root } });
    const list = await run('snapshots');
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(list.stdout).toContain(idA);
    if (state !== 'missing') expect(list.stdout).toMatch(says);
    const history = await run('snapshots', 'history');
    expect(history.code).toBe(0);
    expect(history.stdout).toContain('publish');
    expect((await run('snapshots', 'show', idB)).code).toBe(0);
    const all = await run('snapshots', 'verify', '--all');
    expect(all.code).toBe(state === 'missing' ? 0 : 4);
    if (state !== 'missing') expect(all.stderr).toMatch(says);
    expect(withoutStamps(treeOf(dirname(root)))).toEqual(withoutStamps(before));
  });

  it('is replaced by publishing or rolling back where it is a link of segue’s, else by nobody', async () => {
    const replaced = ['missing', 'dangling'].includes(state);
    const published = await makeRoot(plant);
    const run = (root: string, ...args: string[]): ReturnType<typeof runHere> =>
      runHere(args, { env: { SEGUE_ROOT: root } });
    const publishing = await run(published, 'publish', idB);
    expect(publishing.code, publishing.stderr).toBe(replaced ? 0 : 4);
    if (replaced) expect(readlinkSync(join(published, 'current'))).toBe(`snapshots/${idB}`);
    else expect(publishing.stderr).toMatch(says);

    const rolled = await makeRoot(plant);
    const before = treeOf(dirname(rolled));
    const rollback = await run(rolled, 'rollback');
    if (state === 'dangling') {
      // What is published is gone: rolling back is what helps.
      expect(rollback.code, rollback.stderr).toBe(0);
      expect(readlinkSync(join(rolled, 'current'))).toBe(`snapshots/${idA}`);
    } else {
      expect(rollback.code).toBe(code);
      expect(rollback.stderr).toMatch(says);
      expect(treeOf(dirname(rolled))).toEqual(before);
    }
    const collecting = await makeRoot(plant);
    const gc = await run(collecting, 'gc', '--keep', '1');
    expect(gc.code, gc.stderr).toBe(state === 'missing' ? 0 : 4);
    if (state !== 'missing') expect(gc.stderr).toMatch(says);
    expect(readdirSync(join(collecting, 'snapshots')).sort()).toEqual([idA, idB]);
  });
});

it('every state has its own words', () => {
  const samples = Object.values(states).map(({ says }) => says.source);
  expect(new Set(samples).size).toBe(samples.length);
});

function withoutStamps(tree: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => !name.startsWith('root/stamps')));
}
