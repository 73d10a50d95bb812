import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked } from 'marked';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { describeInFullTest, describeInSmokeTest, inSmokeTest } from '../helpers/full-tests.js';
import { runHere, runHereJson } from '../helpers/run-here.js';
import { binPath, runSegue, type RunResult } from '../helpers/run-segue.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { Terminal } from '../helpers/tmux.js';

const quickly = inSmokeTest();
const quickDescribe = describeInSmokeTest();

/** Names that a terminal or GitHub would act on, that are wide, and that are long. */
const names = [
  'Plush | @bob #1',
  '雪の降る街に日本語のとても長い題名を付けて',
  'Evil \u001b[31mred\u001b]0;owned\u0007',
  'Several Species of Small Furry Animals Gathered Together in a Cave and Grooving with a Pict',
  'gnp\u202e.exe</details><img src=x>',
  '`code` [link](http://x.y) https://x.y',
  'two\rlines',
  ...Array.from({ length: 20 }, (_, at) => `Song ${String(at)}`),
];

const makeDirectory = temporaryDirectories('file');
let folder = '';
beforeAll(async () => {
  folder = makeDirectory();
  const events = names.flatMap((_, item) =>
    Array.from({ length: 12 }, (__, user) =>
      (user * 7 + item * 3) % 5 < 3 ? [`u${user},i${item}`] : [],
    ).flat(),
  );
  writeFileSync(join(folder, 'plays.csv'), `user,item\n${events.join('\n')}\n`);
  const items = names.map((name, item) => `i${item},"${name}",Artist`);
  writeFileSync(join(folder, 'items.csv'), `id,name,artist\n${items.join('\n')}\n`);
  // Little regularised, so that another start shows.
  const loose = ['--unobserved-weight', '0.1', '--reg', '0.007'];
  const train = ['train', 'plays.csv', '--items', 'items.csv', '--factors', '8', '--epochs', '2', ...loose];
  for (const more of [
    ['--tag', 'before'],
    ['--seed', '7', '--init', 'normal', '--tag', 'after'],
  ]) {
    const { code, stderr } = await runHere([...train, ...more], { cwd: folder });
    expect(code, stderr).toBe(0);
  }
});

function diff(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  return runHere(['diff-snapshots', ...args], { cwd: folder, env });
}

quickDescribe('diff-snapshots', () => {
  quickly(
    'prints a comment that data cannot break out of, with exit code 1 where a condition fails',
    async () => {
      const args = ['before', 'after', '--format', 'markdown', '--fail-on', 'overlap@10<=1'];
      const { code, stdout, stderr } = await diff(args);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^### ✗ .*\n\n\*\*1 of 1 condition failed\.\*\*\n/);
      expect(stderr).toMatch(/^Error: the snapshots differ too much: overlap@10 is /);
      const html = await marked.parse(stdout);
      expect(html).not.toMatch(/<(img|a|em)\b/);
      expect(html.replaceAll(/<code>.*?<\/code>/gs, '')).not.toMatch(/@bob|#1|https?:/);
      expect(html.match(/<details>/g)!.length).toBe(html.match(/<\/details>/g)!.length);
    },
  );

  quickly(
    'takes its format from a variable of its own: that of how events are written does not apply to it',
    async () => {
      const comment = await diff(['before', 'after'], { SEGUE_OUTPUT_FORMAT: 'markdown' });
      expect(comment).toMatchObject({ code: 0, stderr: '' });
      expect(comment.stdout).toMatch(/^### /);
      const text = await diff(['before', 'after'], { SEGUE_FORMAT: 'lightgcn' });
      expect(text).toMatchObject({ code: 0, stderr: '' });
      expect(text.stdout).not.toMatch(/^#/);
    },
  );

  quickly('answers in one format: --json and --format exclude each other', async () => {
    const { code, json } = await runHereJson(['diff-snapshots', 'before', 'after', '--format', 'markdown']);
    expect(code).toBe(2);
    expect(json).toMatchObject({
      error: { message: '--format is how a text is printed, and --json prints JSON' },
    });
  });

  quickly('without A and B compares current with latest, and says what is missing', async () => {
    const nothing = await diff([]);
    expect(nothing.code).toBe(3);
    expect(nothing.stderr).toMatch(/^Error: nothing is published/);
    const { code, stderr } = await runHere(['publish', 'before'], { cwd: folder });
    expect(code, stderr).toBe(0);
    const { stdout } = await diff([]);
    expect(stdout).toMatch(/^A {2}current = [0-9a-f]{16}: /m);
    expect(stdout).toMatch(/^B {2}latest = [0-9a-f]{16}: /m);
  });

  quickly('says which of the two is not there', async () => {
    for (const args of [
      ['before', 'nowhere'],
      ['nowhere', 'before'],
    ]) {
      const { code, stdout, stderr } = await diff(args);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain('"nowhere"');
    }
  });

  quickly('is the same text in a pipe at any width, and without colour', async () => {
    const runs = [{ NO_COLOR: '1' }, { COLUMNS: '40', TERM: 'xterm-256color' }];
    const texts = await Promise.all(
      runs.map(
        async (env) =>
          (
            await runSegue(['diff-snapshots', 'before', 'after'], {
              cwd: folder,
              env: { SEGUE_THREADS: '1', ...env },
            })
          ).stdout,
      ),
    );
    expect(new Set(texts).size).toBe(1);
    // eslint-disable-next-line no-control-regex
    expect(texts[0]).not.toMatch(/[\u001b\u0007\r\u202e█]/);
  });
});

let terminal: Terminal | undefined;
afterEach(() => terminal?.close());

describeInFullTest()('diff-snapshots in a real terminal', { tags: ['tmux'] }, () => {
  it.each([60, 200])('fits %i columns, and 24 lines end with the verdict', async (columns) => {
    terminal = new Terminal(columns, 24);
    terminal.run(`clear; cd ${folder}; node ${binPath} diff-snapshots before after; echo code=$?`);
    const screen = await terminal.until(/code=\d/);
    const lines = terminal.scrollback().split('\n');
    const first = lines.findIndex((line) => line.startsWith('A  before = '));
    const verdict = lines.slice(
      lines.findIndex((line) => /taste|comparable/.test(line)),
      first,
    );
    expect(screen).toContain(`\n\n${verdict.join('\n').trimEnd()}\ncode=0`);
    // A row that did not fit would go on in the next line.
    const unwrapped = terminal.unwrappedScrollback().split('\n');
    expect(unwrapped.slice(unwrapped.findIndex((line) => line.startsWith('A  before = ')))).toHaveLength(
      lines.length - first,
    );
    expect(screen + lines.join('\n')).toMatch(/█/);
    expect(lines.join('\n')).toContain('Evil \\x1b');
  });
});
