/** Several models published together, as somebody types it: published, read by name, compared, gated, rolled back, collected. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCanaryHere } from '../helpers/canary-here.js';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';
import { words as typed } from '../helpers/words.js';

useCanaryHere();

const user = 'KGLK/2014-06-16';
const train = ['train', smallRock.plays, '--items', smallRock.items, '--epochs', '2'];

let folder: Folder;
/** Snapshots by their tags. */
const ids: Record<string, string> = {};

/** The only document of a command with --json. */
async function answer(args: readonly string[], code?: number): Promise<Record<string, any>> {
  const [document] = await folder.json(args, code);
  return document ?? {};
}

async function refusal(args: readonly string[], code: number): Promise<string> {
  const { error } = await answer(args, code);
  return (error as { message: string }).message;
}

beforeAll(async () => {
  folder = makeFolder();
  for (const [tag, factors] of [
    ['d1', '8'],
    ['r1', '4'],
    ['r2', '6'],
  ] as const) {
    const { snapshot } = await answer([...train, '--factors', factors, '--tag', tag]);
    ids[tag] = String(snapshot);
  }
});
afterAll(() => folder.remove());

describe('a bundle', () => {
  let first = '';
  let second = '';

  it('is published by one command, which says what is in it', async () => {
    const { stdout } = await folder.segue(['publish', 'discover=d1', 'radio=r1']);
    expect(stdout).toMatch(/^Published [0-9a-f]{16} \(previous: none\)$/m);
    expect(stdout).toContain(`A bundle of discover=${ids['d1']} radio=${ids['r1']}`);
    first = String((await answer(['snapshots', 'list']))['current']);
  });

  it('is followed by name, and everyone is printed again by another name', async () => {
    const plays = join(folder.path, 'plays.ndjson');
    writeFileSync(plays, `${JSON.stringify({ user, item: 'fleetwood-mac-rhiannon' })}\n`);
    const words = ['follow', plays, '--once', '--state', join(folder.path, 'listeners')];
    for (const [as, id, dim] of [
      ['radio', ids['r1'], 4],
      ['discover', ids['d1'], 8],
    ] as const) {
      const { snapshot, vector } = await answer([...words, '--as', as]);
      expect({ snapshot, dim: (vector as unknown[]).length }).toEqual({ snapshot: id, dim });
    }
    await answer([...words, '--as', 'rdio'], 2);
  });

  it.each([
    [['similar', 'Plush', '--as', 'rdio'], 'has no "rdio": it has discover, radio'],
    [['similar', 'Plush', '--snapshot', 'd1', '--as', 'radio'], 'is no bundle, so there is no "radio" in it'],
    [['publish', 'discover=d1', 'r1'], '"r1" is not NAME=REF: of several snapshots each needs a name'],
    [['publish', 'discover='], '"discover=" is not NAME=REF: it names no snapshot'],
    [['publish', 'a=d1', 'a=r1'], 'two members of a bundle cannot both be called "a"'],
    [['publish', 'Radio=r1'], '"Radio" cannot name a member of a bundle'],
    [['publish', 'deep=current'], 'has no "deep": it has discover, radio'],
    [['build-index', '--as', 'radio'], 'is no bundle, so there is no "radio" in it'],
  ])('refuses %j', async (words, message) => expect(await refusal(words, 2)).toContain(message));

  it('is replaced as a whole, by gates of each and of all', async () => {
    const words = ['publish', 'discover=current', 'radio=r2', '--require', 'items>=200'];
    const failing = [...words, '--require', 'members.sharedUsers>1', '--require', 'members.changed<=1'];
    const failed = await folder.segue(failing, 1);
    expect(failed.stdout).toMatch(/^✓ {2}discover: items/m);
    expect(failed.stdout).toMatch(/^✓ {2}radio: items/m);
    expect(failed.stdout).toMatch(/^✗ {2}members\.sharedUsers +1 +>1$/m);
    expect(failed.stderr).toMatch(/1 of 4 gates fails for bundle [0-9a-f]{16}: members\.sharedUsers is 1/);
    expect((await answer(['snapshots', 'list']))['current']).toBe(first);
    const done = await answer(typed`${words} --require members.removed<=0 --require members.daysApart<1`);
    second = String(done['published']);
    expect(done).toMatchObject({ previous: first, gates: { length: 4 } });
    expect(await answer(['similar', 'Plush', '--as', 'radio'])).toMatchObject({ snapshot: ids['r2'] });
  });

  it('is compared name by name, or one name alone', async () => {
    const { stdout } = await folder.segue(['diff-snapshots', 'previous', 'current']);
    expect(stdout).toMatch(/^Changed: radio; the same: discover$/m);
    expect(stdout).toMatch(new RegExp(`^radio +changed +${ids['r1']} +${ids['r2']} +`, 'm'));
    expect(stdout).toMatch(/^settings +factors 4 → 6$/m);
    const both = await answer(['diff-snapshots', 'previous', 'current']);
    const {
      seconds: _,
      failOn: __,
      ...ofRadio
    } = await answer([...['diff-snapshots', 'previous', 'current', '--as', 'radio']]);
    expect(both['members']).toMatchObject([
      { as: 'discover', change: 'same', difference: null },
      { as: 'radio', change: 'changed', difference: ofRadio },
    ]);
    const failing = ['diff-snapshots', 'previous', 'current', '--fail-on', 'members.changed>0'];
    expect(await refusal(failing, 1)).toBe(
      'the snapshots differ too much: members.changed is 1, which is >0',
    );
    const plain = await folder.segue(['diff-snapshots', 'current', 'r1']);
    expect(plain.stderr).toContain(`discover of the bundle ${second} is compared, its first`);
  });

  it('is rolled back whole, and shown with its members everywhere', async () => {
    const { stdout } = await folder.segue(['rollback', '--why', 'a rehearsal']);
    expect(stdout).toContain(`Rolled back to ${first}\nmembers   discover=${ids['d1']} radio=${ids['r1']}`);
    expect(await answer(['similar', 'Plush', '--as', 'radio'])).toMatchObject({ snapshot: ids['r1'] });
    const names = `discover=${ids['d1']} radio=${ids['r2']}`;
    for (const words of [['list'], ['history']])
      expect((await folder.segue(['snapshots', ...words])).stdout).toContain(names);
    expect((await folder.segue(['snapshots', 'show', second])).stdout).toContain(`members     ${names}`);
    expect((await folder.segue(['rollback'])).stdout).toContain(`Rolled back to ${second}`);
  });

  it('is tagged itself, and what a snapshot in its place would break is said before', async () => {
    expect(await answer(['snapshots', 'tag', 'current', 'both'])).toMatchObject({ snapshot: second });
    const alone = await folder.segue(['publish', 'd1']);
    expect(alone.stderr).toContain(`${second}, which is current, has discover, radio, and this has not`);
    expect(await refusal(['similar', 'Plush', '--as', 'radio'], 2)).toContain('is no bundle');
    await folder.segue(['publish', 'both']);
  });

  it('tells of a listener what moved since the member of the same name', async () => {
    const ask = (as: string) => answer(['user-vector', user, '--explain', '--as', as]);
    await folder.segue(['publish', first]);
    expect(await ask('radio')).toMatchObject({ snapshot: ids['r1'], moved: { since: ids['r2'] } });
    expect(await ask('discover')).toMatchObject({ moved: { since: ids['d1'], nearest: { same: 20 } } });
    await folder.segue(['publish', 'both']);
  });

  it('keeps its members from gc, and is damaged where one is gone', async () => {
    for (const tag of ['d1', 'r1', 'r2']) await folder.segue(['snapshots', 'untag', tag]);
    expect(await refusal(['snapshots', 'delete', ids['r2']!], 5)).toContain('is a member of the bundle');
    await folder.segue(['gc', '--keep', '0']);
    expect(await answer(['similar', 'Plush', '--as', 'radio'])).toMatchObject({ snapshot: ids['r2'] });
    rmSync(join(folder.path, 'root/snapshots', ids['r2']!), { recursive: true });
    expect(await refusal(['similar', 'Plush', '--as', 'radio'], 4)).toContain('a member is missing');
    expect(await answer(['similar', 'Plush'])).toMatchObject({ snapshot: ids['d1'] });
  });
});
