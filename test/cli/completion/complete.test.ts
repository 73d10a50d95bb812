/** What is offered to a shell, by the words before the cursor. In real shells: test/e2e/completion.integration.test.ts. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { complete } from '#dist/cli/completion/complete.js';
import { bashWord, readTypedLine } from '#dist/cli/completion/shell-words.js';
import { binPath, cleanEnv } from '../../helpers/run-segue.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA } from '../../helpers/snapshots.js';
import { classicRock, makeFolder, type Folder } from '../../helpers/trained-root.js';

const repository = new URL('../../..', import.meta.url);

let folder: Folder;
let root = '';
beforeAll(async () => {
  folder = makeFolder();
  root = join(folder.path, 'root');
  const { plays, items } = classicRock;
  const small = ['--factors', '4', '--epochs', '1', '--tag', 'nightly'];
  const named = join(folder.path, 'items.csv');
  writeFileSync(named, readFileSync(items, 'utf8').replace('released', 'release year'));
  await folder.segue(['train', plays, '--items', named, ...small]);
  await folder.segue(['publish']);
});
afterAll(() => folder.remove());

/** The values offered after these words, the last of which is at the cursor. */
function offered(...words: readonly string[]): string[] {
  const lines = complete(['zsh', 'segue', ...words], repository)
    .split('\n')
    .filter(Boolean);
  return lines.map((line) => line.split('\t')[0] ?? '');
}

describe('what is offered', () => {
  it('are commands, and the verbs of a topic', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['=train', '=similar', '=snapshots', '=completion']));
    expect(offered('')).not.toContain('=snapshots:list');
    expect(offered('sn')).toEqual(['=snapshots']);
    expect(offered('snapshots', '')).toEqual(
      ['delete', 'history', 'list', 'show', 'tag', 'untag', 'verify'].map((verb) => `=${verb}`),
    );
    expect(offered('snapshots', 'list', '--l')).toEqual(['=--limit']);
    expect(offered('users', 's')).toEqual(['=show']);
    expect(offered('no-command', '')).toEqual([]);
  });

  it('are flags that were not given, or may be repeated', () => {
    expect(offered('similar', '--e')).toEqual(['=--exact', '=--exclude', '=--exclude-from', '=--engine']);
    // A topic that is a command too.
    expect(offered('items', '--w')).toEqual(['=--where']);
    const more = offered('similar', '--exact', '--exclude', 'x', '--e');
    expect(more).toEqual(['=--exclude', '=--exclude-from', '=--engine']);
  });

  it('are the groups of flags that help has', () => {
    expect(offered('train', '--he')).toEqual(['=--help']);
    expect(offered('train', '--help=a')).toEqual(['=--help=all', '=--help=als']);
    expect(offered('snapshots', 'show', '--help=')).toEqual([
      '=--help=all',
      '=--help=global',
      '=--help=query',
    ]);
  });

  it('are values of flags', () => {
    const on = ['--root', root];
    expect(offered('similar', ...on, '--snapshot', '')).toEqual(
      expect.arrayContaining(['=current', '=latest', '=nightly']),
    );
    expect(offered('similar', ...on, '--snapshot=n')).toEqual(['=--snapshot=nightly']);
    expect(offered('recommend', '--recipe', 'ra')).toEqual(['=radio', ':files']);
    const models = 'als item2vec ease slim spectral als+ease als+slim spectral+slim popularity'.split(' ');
    const offers = models.map((name) => `=${name}`);
    expect(offered('train', '--model', '')).toEqual(['=auto', ...offers]);
    expect(offered('tune', '--model', '')).toEqual([...offers, '=all']);
    expect(offered('similar', '--kind', 'a')).toEqual(['=artist', '=album']);
    expect(offered('export', '--format', 'p')).toEqual(['=parquet']);
    expect(offered('similar', ...on, '--where', 'released > 1980 and art')).toEqual([
      '=released > 1980 and artist',
    ]);
    for (const text of ['count / 2 > 3 and -', '`artist` = "x" or `'])
      expect(offered('similar', ...on, '--where', `${text}release`)).toEqual([
        `=${text.replace(/`$/, '')}\`release year\``,
      ]);
    expect(offered('similar', '-k', '')).toEqual([]);
    expect(offered('train', '--items', '')).toEqual([':files']);
    expect(offered('train', '--root', '')).toEqual([':dirs']);
    expect(offered('follow', '--state', '')).toEqual([':dirs']);
    expect(offered('evaluate', '--model', 'e')).toEqual(['=ease']);
  });

  it('are arguments: files, snapshots, items and users', () => {
    const on = ['--root', root];
    expect(offered('train', 'ex')).toEqual([':files']);
    expect(offered('follow', 'ex')).toEqual([':files']);
    expect(offered('recipe', 'show', 'ra')).toEqual(['=radio', ':files']);
    expect(offered('feedback', 'import', '')).toEqual([':files']);
    expect(offered('snapshots', 'untag', ...on, '')).toEqual(['=nightly']);
    expect(offered('completion', '')).toEqual(['=bash', '=zsh', '=fish']);
    expect(offered('publish', ...on, 'ni')).toEqual(['=nightly']);
    expect(offered('diff-snapshots', ...on, 'current', 'ni')).toEqual(['=nightly']);
    expect(offered('similar', ...on, 'Hotel C')).toEqual(['=Hotel California']);
    expect(offered('similar', ...on, 'hotel cal')).toEqual(['=Hotel California']);
    expect(offered('similar', ...on, 'eagles-hotel')).toEqual(['=eagles-hotel-california']);
    expect(offered('similar', ...on, '').length).toBeGreaterThan(10);
    expect(offered('recommend', ...on, 'KGLK/2014-06-16')).toEqual(['=KGLK/2014-06-16']);
    expect(offered('users', ...on, 'KGLK/2014-06-16')).toEqual(['=KGLK/2014-06-16']);
  });

  it('that begin with a dash are offered behind -- alone, where they are no flags', async () => {
    const odd = join(folder.path, 'dashes');
    const items = [
      ['--root=x', 1, 0],
      ['-k', 0, 1],
      ['plain', 1, 1],
    ] as const;
    await makeSmallSnapshot(odd, idA, { items });
    const on = ['--root', odd];
    expect(offered('similar', ...on, '')).toEqual(['=PLAIN']);
    expect(offered('similar', ...on, '--', '').sort()).toEqual(['=--ROOT=X', '=-K', '=PLAIN']);
    expect(offered('similar', ...on, '--', '--r')).toEqual(['=--ROOT=X', '=--root=x']);
    expect(offered('recommend', ...on, '--like', '')).toEqual(['=PLAIN']);
    expect(offered('recommend', ...on, '--like=').sort()).toEqual([
      '=--like=--ROOT=X',
      '=--like=-K',
      '=--like=PLAIN',
    ]);
  });

  it("are of a root below one's home too", () => {
    vi.stubEnv('HOME', folder.path);
    expect(offered('publish', '--root', '~/root', 'ni')).toEqual(['=nightly']);
    expect(offered('publish', '--root=~/root', 'ni')).toEqual(['=nightly']);
    vi.unstubAllEnvs();
  });

  it('goes by what follows segue, whatever stands before it', () => {
    expect(complete(['bash', 'SEGUE_K=3 /usr/bin/segue snapshots ver'], repository)).toBe('=verify\n');
  });

  it('is nothing of a root that is not there', () => {
    for (const words of [
      ['publish', ''],
      ['similar', 'P'],
      ['recommend', ''],
      ['similar', '--where', ''],
    ])
      expect(offered(...words.slice(0, 1), '--root', join(folder.path, 'none'), ...words.slice(1))).toEqual(
        [],
      );
  });
});

describe('a line of bash', () => {
  it.each([
    ['segue similar Hotel\\ Cal', ['segue', 'similar'], 'Hotel Cal'],
    ['segue similar "Hotel Cal', ['segue', 'similar'], 'Hotel Cal'],
    [`segue similar 'a b' "c \\" d" `, ['segue', 'similar', 'a b', 'c " d'], ''],
    ['segue recommend ü:', ['segue', 'recommend'], 'ü:'],
    ['segue similar \\>x', ['segue', 'similar'], '>x'],
    ["segue similar '>", ['segue', 'similar'], '>'],
    ['segue similar >x Pl', ['segue', 'similar'], 'Pl'],
    ['segue similar 2>>x 1 &> y <z Pl', ['segue', 'similar', '1'], 'Pl'],
    ['segue similar a>x', ['segue', 'similar', 'a'], 'x', true],
    ['segue similar >', ['segue', 'similar'], '', true],
    ['segue similar > ', ['segue', 'similar'], '', true],
    ['segue similar 2> "a b', ['segue', 'similar'], 'a b', true],
  ])('%s is read as bash reads it', (line, words, word, isFile = false) => {
    expect(readTypedLine(line)).toMatchObject({ words, word, isFile });
  });

  it('behind a redirection is a file, and no item', () => {
    expect(complete(['bash', `segue similar --root ${root} >Hotel\\ C`], repository)).toBe(':files\n');
    expect(complete(['bash', `segue similar --root ${root} \\>Hotel\\ C`], repository)).toBe('');
    expect(complete(['bash', `segue similar --root ${root} >x Hotel\\ C`], repository)).toBe(
      '=Hotel\\ California\n',
    );
  });

  it('takes a value as it has to be written there', () => {
    const written = (typed: string, value: string): string | undefined =>
      bashWord(value, readTypedLine(typed));
    expect(written('segue similar Do', `Don't "stop" $now`)).toBe(`Don\\'t\\ \\"stop\\"\\ \\$now`);
    expect(written('segue similar "Do', `Don't "stop" $now`)).toBe(`Don't \\"stop\\" \\$now`);
    expect(written("segue similar 'Do", `Don't`)).toBeUndefined();
    // Between double quotes bash would put a command of before there.
    expect(written('segue similar "Do', 'Do it!')).toBeUndefined();
    expect(written('segue similar a:', 'a:b c')).toBe('b\\ c');
  });
});

it('a shell waits for 150 ms of a processor at most, Node included', () => {
  const program = `
      process.argv.splice(1, 1, ${JSON.stringify(binPath)});
      process.on('exit', () => {
        const { user, system } = process.cpuUsage();
        process.stderr.write(String((user + system) / 1000));
      });
      await import(${JSON.stringify(pathToFileURL(binPath).href)});`;
  const args = ['__complete', 'bash', `segue similar --root ${root} Hotel\\ C`];
  const runs = Array.from({ length: 5 }, () =>
    spawnSync(process.execPath, ['--input-type=module', '-e', program, 'x', ...args], {
      encoding: 'utf8',
      env: cleanEnv({}),
    }),
  );
  for (const { stdout } of runs) expect(stdout).toBe('=Hotel\\ California\n');
  expect(Math.min(...runs.map(({ stderr }) => Number(stderr)))).toBeLessThan(150);
});
