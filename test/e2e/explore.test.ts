/** `segue explore` as a shell runs it; what the page does is in test/web. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { Terminal } from '../helpers/tmux.js';
import { inFullTest, inSmokeTest } from '../helpers/full-tests.js';
import { makeRockRoot } from '../helpers/rock-root.js';
import type { Folder } from '../helpers/trained-root.js';

let folder: Folder;
let root: string;
beforeAll(async () => {
  folder = await makeRockRoot({ published: false });
  root = join(folder.path, 'root');
});
afterAll(() => folder.remove());

/** A program that notes what it is to open. */
function fakeOpener(code = 0): { readonly directory: string; readonly opened: () => string } {
  const note = join(folder.path, `opened-${code}`);
  const path = join(folder.path, 'xdg-open');
  writeFileSync(path, `#!/bin/sh\nprintf '%s' "$1" > '${note}'\nexit ${code}\n`);
  chmodSync(path, 0o755);
  return { directory: folder.path, opened: () => (existsSync(note) ? readFileSync(note, 'utf8') : '') };
}

inSmokeTest()(
  'serves a root where nothing is published, says where, opens nothing, and ends with 0',
  async () => {
    const { directory, opened } = fakeOpener();
    const child = spawn(process.execPath, [binPath, 'explore', '--json'], {
      env: cleanEnv({ SEGUE_ROOT: root, PATH: `${directory}:${process.env['PATH']!}` }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { page, url, snapshot, write } = JSON.parse(line.toString()) as Record<string, unknown>;
    expect(page).toBe(`${String(url)}/`);
    expect(write).toBe(false);
    const answer = await fetch(`${String(url)}/v1`);
    expect(await answer.json()).toMatchObject({ roots: [{ name: null, snapshot }] });
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(opened()).toBe('');
  },
);

inSmokeTest()('refuses a snapshot that is not there, before it serves', async () => {
  const { stdout } = await folder.segue(['explore', '--snapshot', 'nothing', '--json'], 3);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'snapshot-not-found' } });
});

describe('in a terminal', { tags: ['tmux', 'linux'] }, () => {
  const inBrowser = async (code: number): Promise<void> => {
    const { directory, opened } = fakeOpener(code);
    const terminal = new Terminal(100, 30, {
      SEGUE_ROOT: root,
      DISPLAY: ':0',
      PATH: `${directory}:${process.env['PATH']!}`,
    });
    try {
      terminal.type(`node ${binPath} explore --snapshot latest`);
      terminal.press('Enter');
      await expect.poll(opened).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#\/\?snapshot=[0-9a-f]{16}$/);
      if (code !== 0) await expect.poll(() => terminal.screen()).toMatch(/no browser could be opened/);
      expect((await fetch(opened())).status).toBe(200);
      // What is typed before all is printed would be printed over.
      await terminal.until('feedback');
      terminal.press('C-c');
      await expect.poll(() => terminal.screen()).toMatch(/(\n|\^C)ready>\s*$/);
    } finally {
      terminal.close();
    }
  };
  for (const code of [0, 3]) {
    inFullTest()(`opens the page in a browser; where that ends with ${code} it goes on`, () =>
      inBrowser(code),
    );
  }

  inSmokeTest()(
    'hands a token over in a file, which nobody else may read and which goes with it',
    async () => {
      const { directory, opened } = fakeOpener(4);
      const terminal = new Terminal(100, 30, {
        SEGUE_ROOT: root,
        DISPLAY: ':0',
        PATH: `${directory}:${process.env['PATH']!}`,
      });
      try {
        terminal.type(`node ${binPath} explore --write`);
        terminal.press('Enter');
        await expect.poll(opened).toMatch(/^file:\/\/[^#]+\.html$/);
        const path = fileURLToPath(opened());
        const [, page] = /url=(http:[^"]+)"/.exec(readFileSync(path, 'utf8'))!;
        expect(page).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/);
        expect((await fetch(page!)).status).toBe(200);
        expect([statSync(path).mode & 0o777, statSync(dirname(path)).mode & 0o777]).toEqual([0o600, 0o700]);
        terminal.press('C-c');
        await expect.poll(() => existsSync(dirname(path))).toBe(false);
      } finally {
        terminal.close();
      }
    },
  );
});
