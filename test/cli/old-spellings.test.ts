/** docs/reference/formats.md has each old spelling with the new one: here both are run, and their answers compared. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inNewSpelling, oldSpellings } from '#dist/cli/old-spellings.js';
import { makeRockRoot } from '../helpers/rock-root.js';
import { runHere } from '../helpers/run-here.js';
import type { Folder } from '../helpers/trained-root.js';

const page = readFileSync(new URL('../../docs/reference/formats.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `segue ((?:user-vector|recommend) --.+?)` +\| `segue (.+?)` +\|$/gm)].map(
  ([, old, now]) => ({ old: old!.split(' '), now: now!.split(' ') }),
);

let folder: Folder;
beforeAll(async () => {
  folder = await makeRockRoot();
  writeFileSync(join(folder.path, 'plays.ndjson'), '{"user": "ann", "item": "eagles-hotel-california"}\n');
});
afterAll(() => folder.remove());

/** What stands for something in the page's lines, with the state of a follower of its own. */
function filled(words: readonly string[], state: string): string[] {
  return words.map((word) => ({ FILE: 'plays.ndjson', DIR: state, NAME: 'radio' })[word] ?? word);
}

describe('an old spelling', () => {
  it('is in the page, each with its new one', () => {
    const listed = rows.map(({ old }) => [old[0], old.filter((word) => word.startsWith('--'))]);
    for (const { command, flag } of oldSpellings) {
      const has = listed.some(([name, flags]) => name === command && flags!.includes(`--${flag}`));
      expect(has, `${command} --${flag}`).toBe(true);
    }
    expect(rows).toHaveLength(oldSpellings.length);
  });

  it.each(rows)('$old answers as $now, and names it', async ({ old, now }) => {
    for (const how of [[], ['--json']]) {
      const state = (name: string): string =>
        `${name}-${rows.findIndex((row) => row.old === old)}-${how.length}`;
      const options = { cwd: folder.path, env: { SEGUE_ROOT: 'root' } };
      const wanted = await runHere([...filled(now, state('now')), ...how], options);
      const got = await runHere([...filled(old, state('old')), ...how], options);
      expect(wanted.stdout).not.toBe('');
      expect({ ...got, stderr: '' }).toEqual({ ...wanted, stderr: '' });
      const command = now.filter((word) => /^[a-z]+$/.test(word)).join(' ');
      expect(got.stderr).toMatch(new RegExp(`^Note: segue ${old[0]!} --.*: segue ${command}(?= |\n)`));
      expect(got.stderr.replace(/^Note: .*\n/, '')).toBe(
        wanted.stderr.replaceAll(state('now'), state('old')),
      );
      const quiet = await runHere([...filled(old, state('quiet')), ...how, '--quiet'], options);
      expect(quiet).toMatchObject({ code: wanted.code, stdout: wanted.stdout, stderr: '' });
    }
  });

  it.each<[string, string, Record<string, string>, string]>([
    ['typed after =', 'recommend --recipe=discover --dry-run -k 3', {}, 'recipe show discover -k 3'],
    ['in the middle', 'user-vector --root r --follow a.csv --once', {}, 'follow --root r a.csv --once'],
    ['from the environment', 'user-vector --once', { SEGUE_FOLLOW: '-' }, 'follow --once -'],
    ['whose flag stays', 'user-vector --state s', { SEGUE_ADD_EVENTS: 'x' }, 'follow --state s'],
    ['of a switch', 'recommend', { SEGUE_LIST_RECIPES: 'yes' }, 'recipe list'],
    ['of a switch that is off', 'recommend u', { SEGUE_LIST_RECIPES: '0' }, 'recommend u'],
    ['of what is shown', 'recommend --dry-run', { SEGUE_RECIPE: 'radio' }, 'recipe show radio'],
    ['of both', 'recommend', { SEGUE_RECIPE: 'radio', SEGUE_DRY_RUN: '1' }, 'recipe show radio'],
    // A dry run of other commands.
    ['of another', 'recommend u', { SEGUE_DRY_RUN: '1' }, 'recommend u'],
    ['that is an argument', 'recommend -- --list-recipes', {}, 'recommend -- --list-recipes'],
    ['before one', 'recommend --list-recipes -- u', {}, 'recipe list -- u'],
    ['of another command', 'train --dry-run', {}, 'train --dry-run'],
    ['of no value', 'user-vector --follow', {}, 'follow'],
  ])('is rewritten %s: %s', (_, line, env, wanted) => {
    expect(inNewSpelling(line.split(' '), env).argv.join(' ')).toBe(wanted);
  });

  it('fails as the new one', async () => {
    const options = { env: { SEGUE_ROOT: 'nowhere' } };
    for (const [old, now] of [
      [
        ['recommend', '--recipe', 'nothing', '--dry-run'],
        ['recipe', 'show', 'nothing'],
      ],
      [
        ['recommend', 'u', '--list-recipes'],
        ['recipe', 'list', 'u'],
      ],
      [
        ['user-vector', '--follow', 'x'],
        ['follow', 'x'],
      ],
    ] as const) {
      const [got, wanted] = [await runHere(old, options), await runHere(now, options)];
      expect(wanted.code).toBe(2);
      expect(got).toEqual({ ...wanted, stderr: expect.stringContaining(wanted.stderr) as string });
    }
  });
});
