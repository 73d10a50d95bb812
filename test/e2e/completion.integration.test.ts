/** `segue completion`, as a shell completes at a Tab: what is run then is what was meant, whatever its name holds. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { binPath } from '../helpers/run-segue.js';
import { Terminal } from '../helpers/tmux.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';

const setUp: Readonly<Record<string, string>> = {
  bash: 'bash --norc --noprofile -i',
  zsh: 'zsh -f -i',
  fish: 'fish --no-config -i',
};
const load: Readonly<Record<string, string>> = {
  bash: 'eval "$(segue completion bash)"',
  zsh: 'eval "$(segue completion zsh)"',
  fish: 'segue completion fish | source',
};

/** What is typed, then Tab, and what segue is given then. */
const lines: readonly (readonly [typed: string, words: readonly string[]])[] = [
  ['segue snapshots ver', ['snapshots', 'verify']],
  ['segue publish nig', ['publish', 'nightly']],
  ['segue train --tag nig', ['train', '--tag', 'nightly']],
  ['segue recommend --recipe rad', ['recommend', '--recipe', 'radio']],
  ['segue train --model ea', ['train', '--model', 'ease']],
  ['segue similar --where art', ['similar', '--where', 'artist']],
  ['segue train ev', ['train', 'events.csv']],
  ['segue similar Plu', ['similar', 'Plush: the "best" of']],
  ['segue similar Don', ['similar', "Don't Stop $HOME `x`"]],
  ['segue similar Éa', ['similar', 'Éa Ñandú 雨']],
  ['segue similar "Plush: t', ['similar', 'Plush: the "best" of']],
  ['segue recommend ü', ['recommend', 'ü:2']],
];

let folder: Folder;
let bin = '';
let said = '';
beforeAll(async () => {
  folder = makeFolder();
  const items = [
    'id,name,artist',
    'i1,"Plush: the ""best"" of",A',
    'i2,"Don\'t Stop $HOME `x`",B',
    'i3,Éa Ñandú 雨,C',
  ];
  writeFileSync(join(folder.path, 'events.csv'), 'user,item\nu 1,i1\nu 1,i2\nü:2,i2\nü:2,i3\n');
  writeFileSync(join(folder.path, 'items.csv'), `${items.join('\n')}\n`);
  const [events, table] = ['events.csv', 'items.csv'].map((name) => join(folder.path, name));
  await folder.segue([
    ...['train', events ?? '', '--items', table ?? '', '--factors', '2', '--epochs', '1'],
    ...['--tag', 'nightly'],
  ]);
  await folder.segue(['publish']);
  rmSync(table ?? '');
  // Answers what completion asks, and writes down what else it is run with.
  bin = join(folder.path, 'bin');
  said = join(folder.path, 'said.json');
  mkdirSync(bin);
  const stand = `#!/bin/sh
case $1 in
  __complete | completion) exec ${process.execPath} ${binPath} "$@" ;;
esac
exec ${process.execPath} -e 'fs.writeFileSync("${said}", JSON.stringify(process.argv.slice(1)))' -- "$@"
`;
  writeFileSync(join(bin, 'segue'), stand);
  chmodSync(join(bin, 'segue'), 0o755);
});
afterAll(() => folder.remove());

let terminal: Terminal | undefined;
afterEach(() => terminal?.close());

async function saidNow(): Promise<unknown> {
  for (;;) {
    if (existsSync(said)) {
      const text = readFileSync(said, 'utf8');
      if (text.endsWith(']')) return JSON.parse(text);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Until the screen shows something else; what is typed meanwhile waits, so that it need not be seen. */
async function change(of: Terminal, before: string): Promise<void> {
  const endMs = Date.now() + 1500;
  while (of.screen() === before && Date.now() < endMs)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

for (const shell of ['bash', 'zsh', 'fish']) {
  const tags = shell === 'bash' ? ['tmux'] : ['tmux', shell];
  describe(shell, { tags }, () => {
    it('completes what is typed, so that it means what it says', async () => {
      const env = { SEGUE_ROOT: join(folder.path, 'root'), LC_ALL: 'C.UTF-8', HOME: folder.path };
      terminal = new Terminal(120, 30, env);
      terminal.run(`cd ${folder.path}; PATH=${bin}:$PATH exec ${setUp[shell] ?? ''}`);
      terminal.run(load[shell] ?? '');
      terminal.run('echo loaded $(echo yes)');
      if (shell === 'fish') terminal.run('echo loaded (echo yes)');
      await terminal.until('loaded yes');
      for (const [typed, words] of lines) {
        rmSync(said, { force: true });
        terminal.type(typed);
        const before = await terminal.until(typed);
        terminal.press('Tab');
        await change(terminal, before);
        terminal.press('Enter');
        expect(await saidNow(), typed).toEqual(words);
      }
    });
  });
}
