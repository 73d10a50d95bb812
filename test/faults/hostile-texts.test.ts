/** Names and ids that would take a terminal over: harmless on every screen, exact in JSON; bytes that are no text are refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { describeInSmokeTest, inFullTest, inSmokeTest } from '../helpers/full-tests.js';
import { runHere } from '../helpers/run-here.js';
import { Terminal } from '../helpers/tmux.js';
import { makeFolder } from '../helpers/trained-root.js';

const quickly = inSmokeTest();
const quickDescribe = describeInSmokeTest();

const folder = makeFolder();
const binPath = join(import.meta.dirname, '../../bin/run.js');

const names = [
  'clear \u001b[2J\u001b[H all',
  'title \u001b]0;owned\u0007 of a window',
  'return\rover',
  'line\nfeed',
  'reversed \u202e gnp.exe',
  '=cmd|"/C calc"!A0',
  '@SUM(1+1)',
  'c1 \u009b31m red',
  'zero\u200bwidth\u2066',
  'x'.repeat(1_000_000),
  '__proto__',
  'plain',
];
/** A user's id that is hostile too. */
const user = 'ann\u001b[31m\u202e\r';
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Characters that act on a terminal or on how a line is read, but for our own colours and line feeds. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;

beforeAll(async () => {
  const rows = ['user,item'];
  for (const [at] of names.entries())
    for (const who of [user, 'ben', 'cleo', 'dan']) rows.push(`${quoted(who)},id-${at}`);
  rows.push(`ben,${quoted('id \u001b[5m\u202e')}`, `dan,${quoted('id \u001b[5m\u202e')}`);
  writeFileSync(join(folder.path, 'events.csv'), rows.join('\n') + '\n');
  writeFileSync(
    join(folder.path, 'items.csv'),
    ['id,name,artist']
      .concat(names.map((name, at) => `id-${at},${quoted(name)},${quoted(`by ${name.slice(0, 40)}`)}`))
      .join('\n') + '\n',
  );
  const train = ['train', 'events.csv', '--items', 'items.csv', '--factors', '2', '--epochs', '2'];
  await folder.segue([...train, '--threads', '1']);
  await folder.segue(['publish', '--why', 'because \u001b[2J\u0007\u202e\r\n=1+1']);
});

afterAll(() => folder.remove());

describe('hostile names', () => {
  quickly('do nothing to a screen, whatever command shows them', async () => {
    const shown = await Promise.all(
      [
        ['similar', 'id:id-0', '-k', '20'],
        ['similar', 'id:id-9', '-k', '2'],
        ['recommend', user, '--include-heard', '-k', '20'],
        ['user-vector', user],
        ['snapshots', 'list'],
        ['snapshots', 'show', 'current'],
        ['snapshots', 'history'],
        ['diff-snapshots', 'current', 'latest'],
      ].map(async (args) => [args, await folder.segue(args)] as const),
    );
    for (const [args, { stdout, stderr }] of shown) {
      expect([args[0], acting.exec(stdout + stderr)?.[0]]).toEqual([args[0], undefined]);
    }
    // They are there, and shown: it is not that nothing was printed.
    expect(shown[0]![1].stdout).toContain('\\x1b[2J');
    expect(shown[2]![1].stdout).toContain('\\u202e');
    expect(shown[6]![1].stdout).toContain('because');
  });

  quickly('do nothing in messages that repeat them', async () => {
    for (const args of [
      ['similar', 'no such \u001b[2J\u202e\r'],
      ['similar', 'x'.repeat(100_000)],
      ['recommend', 'nobody \u0007\u001b]0;x\u0007'],
      ['publish', '\u001b[2J'],
      ['rollback', '\u202e', '--why', '\u001b[2J'],
    ]) {
      const env = { SEGUE_ROOT: join(folder.path, 'root') };
      const { code, stdout, stderr } = await runHere(args, { env });
      expect([2, 3]).toContain(code);
      expect([args[0], acting.exec(stdout + stderr)?.[0]]).toEqual([args[0], undefined]);
      // Nobody reads a megabyte, neither of what was asked for nor of what may have been meant.
      expect(stderr.length).toBeLessThan(60_000);
    }
  });

  quickly('are exact in JSON', async () => {
    const [similar] = await folder.json(['similar', 'id:id-11', '-k', '20']);
    const found = (similar!['neighbours'] as { id: string; name: string }[]).map(
      ({ id, name }) => [id, name] as const,
    );
    for (const [at, name] of names.entries()) {
      if (at !== 11) expect(new Map(found).get(`id-${at}`) === name).toBe(true);
    }
    expect(found.map(([id]) => id)).toContain('id \u001b[5m\u202e');
    const [recommended] = await folder.json(['recommend', user]);
    expect(recommended!['user']).toBe(user);
    const [history] = await folder.json(['snapshots', 'history']);
    expect(JSON.stringify(history)).toContain(
      JSON.stringify('because \u001b[2J\u0007\u202e\r\n=1+1').slice(1, -1),
    );
  });

  inFullTest()('do nothing to the browser in a terminal', { tags: ['tmux'] }, async () => {
    const terminal = new Terminal(80, 24, { SEGUE_ROOT: join(folder.path, 'root') });
    try {
      terminal.run(`node ${binPath} browse "id:id-11"`);
      const screen = await terminal.until('plain');
      expect(screen).toContain('clear \\x1b[2J');
      expect(acting.exec(screen)).toBe(null);
      terminal.press('q');
    } finally {
      terminal.close();
    }
  });
});

quickDescribe('bytes that are no text', () => {
  quickly.each([
    [
      'an id of bytes that are no UTF-8',
      'events.csv',
      Buffer.from('user,item\nann,a\xff\xfe\nann,b\n', 'latin1'),
    ],
    ['an overlong encoding', 'events.csv', Buffer.from('user,item\nann,\xc0\xaf\nann,b\n', 'latin1')],
    ['a surrogate in UTF-8', 'events.csv', Buffer.from('user,item\nann,\xed\xa0\x80\nann,b\n', 'latin1')],
    [
      'half a surrogate in JSON',
      'events.jsonl',
      Buffer.from('{"user":"ann","item":"a\\ud800"}\n{"user":"ann","item":"b"}\n'),
    ],
  ])('%s are refused, or read as U+FFFD, and never crash', async (_, name, bytes) => {
    const path = join(folder.path, `odd-${name}`);
    writeFileSync(path, bytes);
    const flags = ['--factors', '2', '--epochs', '1', '--threads', '1', '--root', join(folder.path, 'odd')];
    const { code, stdout, stderr } = await runHere(['train', path, ...flags]);
    expect([0, 2], stdout + stderr).toContain(code);
    expect(acting.exec(stdout + stderr)).toBe(null);
  });
});
