import { stripVTControlCharacters } from 'node:util';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { describeInFullTest, describeInSmokeTest, inSmokeTest } from '../helpers/full-tests.js';
import { runHere } from '../helpers/run-here.js';
import { binPath, runSegue } from '../helpers/run-segue.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { Terminal } from '../helpers/tmux.js';

const quickly = inSmokeTest();
const quickDescribe = describeInSmokeTest();

/** Names that a terminal would act on, that are wide, and that are long. */
const names = [
  'Plush',
  '雪の降る街に日本語のとても長い題名を付けて',
  'Evil \u001b[31mred\u001b]0;owned\u0007',
  'Several Species of Small Furry Animals Gathered Together in a Cave and Grooving with a Pict',
  'gnp\u202e.exe',
  'Sigur Rós 👩‍👩‍👧',
  'two\rlines',
];

const makeDirectory = temporaryDirectories('file');
let folder = '';
beforeAll(async () => {
  folder = makeDirectory();
  const events = names.flatMap((_, item) =>
    Array.from({ length: 6 }, (_, user) => (user === item ? [] : [`u${user},i${item}`])).flat(),
  );
  writeFileSync(join(folder, 'plays.csv'), `user,item\n${events.join('\n')}\n`);
  const items = names.map(
    (name, item) => `i${item},"${name}",${item === 1 ? 'ユニコーン' : 'Artist'},199${item}`,
  );
  writeFileSync(join(folder, 'items.csv'), `id,name,artist,released\n${items.join('\n')}\n`);
  const train = ['train', 'plays.csv', '--items', 'items.csv', '--factors', '8', '--epochs', '2'];
  const { code, stderr } = await runHere(train, { cwd: folder });
  expect(code, stderr).toBe(0);
});

let terminal: Terminal | undefined;
afterEach(() => terminal?.close());

const recommend = ['recommend', '--like', 'i0', '--include-heard', '-k', '7'];

describeInFullTest()('a table in a real terminal', { tags: ['tmux'] }, () => {
  it.each([60, 80, 200])('fits %i columns, whatever the names', async (columns) => {
    terminal = new Terminal(columns, 30);
    terminal.run(`clear; cd ${folder}; node ${binPath} ${recommend.join(' ')}; echo code=$?`);
    const screen = await terminal.until(/code=\d/);
    expect(screen).toContain('code=0');
    const lines = screen.split('\n');
    const head = lines.findIndex((line) => /^# {2}name +artist/.test(line));
    const all = lines.slice(head + 1, lines.indexOf('code=0'));
    // Below a narrow table stands which columns it had no room for.
    const rows = all.slice(0, 7);
    expect(all.slice(7).filter((line) => line !== '')).toHaveLength(columns < 80 ? 1 : 0);
    // A row that did not fit would go on in the next line.
    expect(rows.map((row) => row[0])).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(columns);
    // Numbers end below each other; one may have a minus.
    const ends = rows.map((row) => stringWidth(/^.*?\d\.\d+/.exec(row)![0]));
    expect(new Set(ends).size).toBe(1);
    expect(screen).toMatch(/█/);
    expect(screen).toContain('Evil \\x1b');
  });
});

describeInFullTest()('answers for many on a terminal', { tags: ['tmux'] }, () => {
  it.each(['recommend --all -k 2', 'similar --all -k 2', 'export'])(
    'segue %s: progress stands on no line of the answer',
    async (command) => {
      const { stdout } = await runHere(command.split(' '), { cwd: folder });
      terminal = new Terminal(200, 50);
      terminal.run(`clear; cd ${folder}; node ${binPath} ${command}; echo code=$?`);
      await terminal.until(/code=\d/);
      const shown = terminal
        .unwrappedScrollback()
        .split('\n')
        .map((line) => line.trimEnd());
      for (const line of stdout.trimEnd().split('\n')) expect(shown).toContain(line);
      expect(shown.join('\n')).not.toMatch(/recommending|finding neighbours|exporting/);
    },
  );
});

quickDescribe('the same table in a pipe', () => {
  quickly(
    'is plain text with names whole and harmless, at any width and but for the colours of FORCE_COLOR',
    async () => {
      const runs = [{}, { COLUMNS: '40', NO_COLOR: '1' }, { FORCE_COLOR: '1', TERM: 'xterm-256color' }];
      const [plain, narrow, forced] = await Promise.all(
        runs.map((env) => runSegue(recommend, { cwd: folder, env })),
      );
      const { stdout, stderr } = plain!;
      expect(stderr).toMatch(/^Warning: nothing is published/);
      expect(narrow!.stdout).toBe(stdout);
      expect(forced!.stdout).not.toBe(stdout);
      expect(stripVTControlCharacters(forced!.stdout)).toBe(stdout);
      // eslint-disable-next-line no-control-regex
      expect(stdout).not.toMatch(/[\u001b\u0007\r\u202e█…]/);
      expect(stdout).toContain('Evil \\x1b[31mred\\x1b]0;owned\\x07');
      expect(stdout).toContain('two\\rlines');
      expect(stdout).toContain(names[3]);
    },
  );

  quickly('as JSON has the names as they are, escaped', async () => {
    const { stdout } = await runHere([...recommend, '--json'], { cwd: folder });
    // eslint-disable-next-line no-control-regex
    expect(stdout.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    const { recommendations } = JSON.parse(stdout) as { recommendations: { name: string }[] };
    expect(recommendations.map(({ name }) => name).sort()).toEqual([...names].sort());
  });
});
