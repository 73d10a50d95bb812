import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { binPath } from '../helpers/run-segue.js';
import { Terminal } from '../helpers/tmux.js';
import { classicRock, makeFolder } from '../helpers/trained-root.js';
import type { Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

const script = fileURLToPath(new URL('browse-in-memory.mjs', import.meta.url));
const restored = { alternateScreen: false, cursorShown: true, wrapping: true };

let terminal: Terminal | undefined;
afterEach(() => terminal?.close());

function open(columns: number, rows: number, env?: Record<string, string>): Terminal {
  terminal = new Terminal(columns, rows, env);
  return terminal;
}

/** The shell answers, and echoes what is typed. */
async function expectShell(shell: Terminal): Promise<void> {
  expect(shell.modes()).toEqual(restored);
  shell.run('echo still $((40 + 2))');
  const screen = await shell.until('still 42');
  expect(screen).toContain('ready> echo still $((40 + 2))');
}

describe('the terminal', { tags: ['tmux'] }, () => {
  const browse = `node ${script}`;

  it('is as before when the browser is quit with q, and what was on it is back', async () => {
    const shell = open(80, 20);
    for (let line = 1; line <= 40; line++) shell.run(`echo line ${line}`);
    await shell.until('line 40');
    shell.run(`${browse}; echo code=$?`);
    await shell.until('type a name');
    expect(shell.modes().alternateScreen).toBe(true);
    shell.type('plush');
    await shell.until('1 found');
    shell.press('Enter');
    await shell.until('Closest first');
    expect(shell.modes().cursorShown).toBe(false);
    shell.press('q');
    await shell.until('code=0');
    expect(shell.scrollback()).toContain('line 1\n');
    await expectShell(shell);
  });

  it('is as before after Ctrl-C, while typing', async () => {
    const shell = open(80, 20);
    shell.run(`${browse}; echo code=$?`);
    await shell.until('type a name');
    shell.press('C-c');
    await shell.until('code=0');
    await expectShell(shell);
  });

  it.each([
    ['the source breaks', 'source', 'failed: something broke', 70],
    ['the process crashes', 'uncaught', 'Error: something broke', 1],
    ['the process exits', 'exit', '', 9],
    ['SIGTERM ends it', 'SIGTERM', 'Terminated', 143],
    ['SIGHUP ends it', 'SIGHUP', 'Hangup', 129],
    ['SIGINT ends it', 'SIGINT', '', 130],
  ])('is as before when %s, and shows why', async (_, trouble, seen, code) => {
    const shell = open(80, 20);
    shell.run(`${browse} ${trouble}`);
    await shell.until('type a name');
    shell.press('Enter');
    await shell.until(/^ready>$/m);
    shell.run('echo code=$?');
    expect(await shell.until(`code=${code}`)).toContain(seen);
    await expectShell(shell);
  });

  it('shows hostile names harmlessly', async () => {
    const shell = open(80, 20);
    shell.run(browse);
    const screen = await shell.until('東京');
    expect(screen).toContain('東京 \\x1b[31mred');
  });

  it('is filled again after a change of its size', async () => {
    const shell = open(100, 30);
    shell.run(browse);
    await shell.until('type a name');
    shell.resize(50, 12);
    await shell.until(/^ ╭─{46}╮$/m);
    expect(shell.screen()).toMatch(/ctrl-c quit\s*$/);
    shell.resize(120, 40);
    await shell.until(/^ ╭─{116}╮$/m);
  });

  it('is drawn to where CI is set, too', async () => {
    const shell = open(80, 20, { CI: 'true' });
    shell.run(browse);
    await shell.until('type a name');
  });

  it('is asked for where there is none', async () => {
    const shell = open(80, 20);
    shell.run(`${browse} < /dev/null; echo code=$?`);
    expect(await shell.until('code=70')).toContain('the browser needs a terminal, but stdin is not one');
    shell.run(`clear; ${browse} | cat`);
    await shell.until('failed: the browser needs a terminal, but stdout is not one');
    shell.run(`clear; TERM=dumb ${browse}`);
    await shell.until('failed: the browser needs a terminal, but TERM=dumb');
  });
});

describe('segue browse', () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = makeFolder();
    await folder.segue(words`train ${classicRock.plays} --items ${classicRock.items} --factors 16
      --epochs 4`);
    await folder.segue(['publish']);
  });
  afterAll(() => folder.remove());

  const segue = (shell: Terminal, args: string): void => {
    shell.run(`SEGUE_ROOT=${folder.path}/root node ${binPath} ${args}; echo code=$?`);
  };

  it(
    'finds a song, walks to its neighbours and theirs, comes back and quits',
    { tags: ['tmux'] },
    async () => {
      const shell = open(100, 30);
      segue(shell, 'browse');
      expect(await shell.until('type a name')).toContain('Most played first');

      shell.type('teen spirit');
      await shell.until(/❯ +1 +Smells Like Teen Spirit +Nirvana +1991/);
      shell.press('Enter');
      const neighbours = await shell.until('Closest first');
      expect(neighbours).toMatch(/❯ +1 .*█.* 0\.\d\d/);
      const second = / 2 {2}(.+?) {2}/.exec(neighbours)?.[1];
      expect(second).toBeDefined();

      shell.press('Down', 'Enter');
      await shell.until(`Smells Like Teen Spirit › ${second}`);
      shell.press('BSpace');
      const back = await shell.until(/❯ +2 /);
      expect(back.split('\n').find((line) => line.includes('❯'))).toContain(second);
      expect(back).not.toContain('›');

      shell.press('q');
      await shell.until('code=0');
      await expectShell(shell);
    },
  );

  it('begins at a song that is named, as similar --browse does', { tags: ['tmux'] }, async () => {
    const shell = open(60, 20);
    segue(shell, 'browse "come as you are"');
    await shell.until(/^ Come As You Are$/m);
    shell.press('q');
    await shell.until('code=0');
    segue(shell, 'similar Plush --browse');
    await shell.until(/^ Plush$/m);
    shell.press('C-c');
    await shell.until(/code=0[\s\S]*code=0/);
    await expectShell(shell);
  });

  it('moves to what is published meanwhile, and stays with the same song', { tags: ['tmux'] }, async () => {
    const shell = open(100, 30);
    const first = readlinkSync(join(folder.path, 'root', 'current')).split('/')[1]!;
    segue(shell, 'browse "come as you are"');
    expect(await shell.until('Closest first')).toContain(`snapshot ${first}`);
    shell.press('Down');
    await shell.until(/❯ +2 /);
    await folder.segue(words`train ${classicRock.plays} --items ${classicRock.items} --factors 8
      --epochs 1`);
    await folder.segue(['publish']);
    const moved = await shell.until('was published: you are in it now');
    const second = readlinkSync(join(folder.path, 'root', 'current')).split('/')[1]!;
    expect(second).not.toBe(first);
    expect(moved).toContain(`snapshot ${second}`);
    expect(moved).toMatch(/^ Come As You Are$/m);
    expect(moved).toMatch(/❯ +\d+ /);
    shell.press('j');
    expect(await shell.until('q quit')).not.toContain('was published');
    // The one before is let go: nothing but history keeps it.
    await folder.segue(['rollback']);
    await shell.until(`snapshot ${first}`);
    shell.press('q');
    await shell.until('code=0');
    await expectShell(shell);
  });

  it('ends with 143 on SIGTERM, and with 3 on a song that is not there', { tags: ['tmux'] }, async () => {
    const shell = open(80, 20);
    const pidFile = join(folder.path, 'pid');
    shell.run(`export SEGUE_ROOT=${folder.path}/root`);
    shell.run(`sh -c 'echo $$ >${pidFile}; exec node ${binPath} browse'; echo code=$?`);
    await shell.until('type a name');
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM');
    await shell.until('code=143');
    await expectShell(shell);
    segue(shell, 'browse "No Such Song"');
    await shell.until('code=3');
    await expectShell(shell);
  });

  it('needs a terminal: exit 2, before anything is opened, with what to use instead', async () => {
    for (const args of [['browse'], ['browse', 'Plush'], ['similar', 'Plush', '--browse']]) {
      const { stdout, stderr } = await folder.segue([...args, '--snapshot', 'no-such'], 2);
      expect(stdout).toBe('');
      expect(stderr).toContain('needs a terminal');
      expect(stderr).toContain('segue similar ITEM');
    }
  });
});
