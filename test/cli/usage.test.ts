import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runHere, runHereJson } from '../helpers/run-here.js';
import { runSegue } from '../helpers/run-segue.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');

const verbs = readdirSync(new URL('../../src/commands/snapshots', import.meta.url))
  .map((file) => file.replace('.ts', ''))
  .sort();

const docs = fileURLToPath(new URL('../../docs/README.md', import.meta.url));

/** What was typed, the message (with all verbs of a topic as VERBS), and the suggestions. */
const mistakes: [string[], string, string[]][] = [
  [['trian', 'x.csv'], 'trian is not a segue command', ['did you mean segue train?', 'segue --help']],
  [['similr', 'Plush'], 'similr is not a segue command', ['did you mean segue similar?', 'segue --help']],
  [['xyzzy'], 'xyzzy is not a segue command', ['segue --help']],
  [['similar:Plush'], 'similar:Plush is not a segue command', ['segue --help']],
  [
    ['--root', 'x', 'similar', 'Plush'],
    '--root comes before the command',
    ['flags come after the command: segue COMMAND [FLAGS]', 'segue --help'],
  ],
  [['similar'], 'no item is named', ['name an ITEM, or give a vector: --vector FILE']],
  [
    ['train', 'x.csv', '--factor', '8'],
    'there is no flag --factor',
    ['did you mean --factors?', 'segue train --help'],
  ],
  [
    ['train', 'x.csv', '--dim', '8', '--lambda', '0.1'],
    'there is no flag --dim, --lambda',
    ['did you mean --factors?', 'did you mean --reg?', 'segue train --help'],
  ],
  [
    ['recommend', '--user', '7'],
    'there is no flag --user',
    ['USER has no flag: segue recommend USER', 'segue recommend --help'],
  ],
  [['export', 'v.csv'], 'unexpected argument: v.csv', ['did you mean --out v.csv?', 'segue export --help']],
  [
    ['init'],
    'init is not a segue command',
    [
      'nothing has to be set up: segue train FILE makes the root; with --dry-run it shows how FILE is read',
      'segue --help',
    ],
  ],
  [
    ['config'],
    'config is not a segue command',
    [
      'there is no file of settings: every flag has a variable, such as SEGUE_ROOT for --root',
      'segue --help',
    ],
  ],
  [
    ['status'],
    'status is not a segue command',
    ['the root, what is current, and what to do next: type segue alone', 'segue --help'],
  ],
  [['doctor'], 'doctor is not a segue command', ['did you mean segue snapshots verify?', 'segue --help']],
  [
    ['docs'],
    'docs is not a segue command',
    [`${docs}: the index of all pages; segue help --all has all commands`, 'segue --help'],
  ],
  [['front-page'], 'front-page is not a segue command', ['segue --help']],
  [['--root'], '--root without a value: wanted one', ['segue --help']],
  [['index'], 'index is not a segue command', ['did you mean segue build-index?', 'segue --help']],
  [
    ['snapshots', 'rm', 'a'],
    'segue snapshots has no subcommand rm; it has: VERBS',
    ['did you mean segue snapshots delete?', 'segue snapshots --help'],
  ],
  [['similar', 'Plush', '-z'], 'there is no flag -z', ['segue similar --help']],
  [['similar', 'Plush', '-k'], '--k without a value: wanted one', ['segue similar --help']],
  [
    ['similar', 'Plush', '--snapshot', 'a', '--snapshot', 'b'],
    '--snapshot is given twice: wanted once',
    ['segue similar --help'],
  ],
  [
    ['recommend', '--seed-item', 'Plush'],
    '--seed-item applies to a recipe, and none is given',
    ['leave --seed-item out', 'add --recipe NAME'],
  ],
  [['similar', 'Plush', '-k', '0'], '--k "0": wanted a whole number from 1 to 1000000', []],
  [['train', 'x.csv', '--reg', '-1'], '--reg "-1": wanted a number from 1e-9 to 1000000000', []],
  [['train', 'x.csv', '--tag', ''], '--tag "": wanted NAME', []],
  [
    ['train', 'x.csv', '--objective', 'mse'],
    '--objective "mse": wanted one of ials, hu',
    ['segue train --help'],
  ],
  [
    ['snapshots', 'lst'],
    'segue snapshots has no subcommand lst; it has: VERBS',
    ['did you mean segue snapshots list?', 'segue snapshots --help'],
  ],
  [
    ['snapshots', 'nonsense', 'latest', '-x'],
    'segue snapshots has no subcommand nonsense; it has: VERBS',
    ['segue snapshots --help'],
  ],
  [
    ['diff-snapshots', 'small'],
    'missing B (new snapshot): only "small" was named',
    [
      'segue diff-snapshots current small shows what publishing small would change',
      'segue diff-snapshots without either compares current with latest',
    ],
  ],
  [
    ['diff-snapshots', 'current'],
    'missing B (new snapshot): only "current" was named',
    ['segue diff-snapshots without either compares current with latest'],
  ],
  [
    ['diff-snapshots', 'a', 'b', '--format', 'json'],
    '--format "json": wanted one of text, markdown',
    ['--json prints one JSON document', 'segue diff-snapshots --help'],
  ],
  [['snapshots', '-z'], 'there is no flag -z', ['segue snapshots list --help']],
  [
    ['snapshots', 'list', 'a'],
    'unexpected argument: a',
    ['put names of several words in quotes', 'segue snapshots list --help'],
  ],
  [['snapshot'], 'snapshot is not a segue command', ['did you mean segue snapshots?', 'segue --help']],
  [['list'], 'list is not a segue command', ['did you mean segue snapshots list?', 'segue --help']],
  [
    ['publish', 'a', 'b'],
    '"a" is not NAME=REF: of several snapshots each needs a name',
    ['segue publish discover=REF radio=REF'],
  ],
];

it.each(mistakes)('a usage error ends with 2 and says what to do %j', async (args, wanted, suggestions) => {
  const message = wanted.replace('VERBS', verbs.join(', '));
  const [text, { json, ...rest }] = await Promise.all([runHere(args), runHereJson(args)]);
  expect(text).toEqual({
    code: 2,
    signal: null,
    stdout: '',
    stderr: `Error: ${message}\n${suggestions.map((line) => `  → ${line}\n`).join('')}`,
  });
  expect(rest).toMatchObject({ code: 2, stderr: '' });
  expect(json).toMatchObject({ error: { code: 'bad-usage', message, suggestions } });
  // oclif hangs its parser's whole state on such errors.
  expect(rest.stdout.length).toBeLessThan(500);
});

describe('flags', () => {
  it('may come from the environment, SEGUE_JSON too', async () => {
    const { code, stdout } = await runSegue(['similar', 'Plush'], {
      env: { SEGUE_K: 'many', SEGUE_JSON: '1' },
    });
    expect(code).toBe(2);
    const message = expect.stringContaining('SEGUE_K "many": wanted a whole number');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'bad-usage', message } });
  });

  it('of the command line win over the environment, and end at --', async () => {
    const args = ['similar', '-k', '-1', '--', '--json'];
    const { code, stdout, stderr } = await runSegue(args, { env: { SEGUE_K: 'many' } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Error: --k "-1"');
  });
});

/** The commands that the tables of a text name in their first cells. */
function commandsOf(path: string): string[] {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^\| (`[a-z][^|]+)\|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([a-z-]+)/g)].map(([, name]) => name!),
  );
}

describe('segue alone', () => {
  it.each<[string[], string, string]>([
    [[], '.segue', 'segue train FILE'],
    [['--root', 'a b'], 'a b', "segue train --root 'a b' FILE"],
    [['--quiet', '--root=c'], 'c', 'segue train --root c FILE'],
  ])('%j says which root, and what to do there', async (args, root, command) => {
    const { code, stdout, stderr } = await runHere(args, { cwd: makeDirectory() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(`root     ${root}: no snapshots yet\n`);
    expect(stdout).toMatch(`next     ${command} --dry-run\n`);
  });
});

describe('help and version', () => {
  const inTables = commandsOf('docs/reference/commands.md');
  const listedIn = (page: string): string[] => {
    const [, list = ''] = /^COMMANDS$(.*?)^[A-Z]/ms.exec(page)!;
    return [...list.matchAll(/^ {2}([a-z-]+) {2,}/gm)].map(([, name]) => name!);
  };

  it.each([[['--help']], [['-h']], [['help']]])(
    '%j shows seven commands, and names the others',
    async (args) => {
      const { code, stdout, stderr } = await runHere(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(listedIn(stdout)).toEqual(inTables.slice(0, 7));
      expect(listedIn(stdout)).toEqual(commandsOf('README.md').slice(0, 7));
      const [, others = ''] = /^OTHERS\n(.*?)\n\n/ms.exec(stdout)!;
      expect(others.trim().split(/,\s+/)).toEqual([...inTables.slice(7), 'help']);
      expect(stdout).toMatch(/^ {2}segue help --all /m);
      expect(stdout).not.toContain('EXIT CODES');
    },
  );

  it.each([[['help', '--all']], [['--help=all']]])('%j lists all commands', async (args) => {
    const { code, stdout, stderr } = await runHere(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(inTables.slice(0, 3)).toEqual(['train', 'evaluate', 'build-index']);
    expect(listedIn(stdout)).toEqual([...inTables, 'help']);
    expect(stdout).toContain('EXIT CODES');
    expect(stdout).toContain('SEGUE_ROOT');
  });

  it.each([[['snapshots', '--help']], [['help', 'snapshots']], [['snapshots', '-h']]])(
    '%j shows the verbs of the topic',
    async (args) => {
      const { code, stdout, stderr } = await runHere(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('$ segue snapshots COMMAND');
      for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^  snapshots ${verb} +[A-Z]`, 'm'));
    },
  );

  it('name topics among the commands, each with what it is for', async () => {
    const { stdout } = await runHere(['help', '--all']);
    const commands = /^COMMANDS\n((?: .*\n)+)/m.exec(stdout)![1]!;
    expect(commands).toMatch(/^ {2}snapshots +List, tag, verify and delete/m);
    expect(commands.match(/^ {2}[a-z-]+$/gm)).toBeNull();
    expect(commands).not.toContain('snapshots list');
  });

  it('shows flags in the order of the command, however the page is asked for', async () => {
    const [one, other] = await Promise.all([runHere(['help', 'train']), runHere(['train', '--help'])]);
    expect(one.stdout).toBe(other.stdout);
    expect(one.stdout.indexOf('--model=')).toBeLessThan(one.stdout.indexOf('--factors='));
  });

  it.each([[['similar', '--help']], [['help', 'similar']], [['similar', 'Plush', '-h']]])(
    '%j shows the page of the command',
    async (args) => {
      const { code, stdout, stderr } = await runHere(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('$ segue similar [ITEM...] [FLAGS]');
      expect(stdout).toContain('number of results [default 10, SEGUE_K]');
      expect(stdout).toContain('segue similar "Smells Like Teen Spirit"');
    },
  );

  it('have no heading over nothing, where a command has no flags of its own', async () => {
    const { stdout } = await runHere(['snapshots', 'show', '--help']);
    expect(stdout).toContain('\nGLOBAL FLAGS\n');
    expect(stdout).not.toMatch(/^[A-Z]+\n\s*\n/m);
  });

  it('of what is no command is a usage error', async () => {
    const { code, stderr } = await runHere(['help', 'similr']);
    expect(code).toBe(2);
    expect(stderr).toBe('Error: similr is not a segue command\n  → segue --help\n');
  });

  it.each(['--version', '-v'])('%s names the version', async (flag) => {
    const { code, stdout } = await runHere([flag]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^@segue-music\/segue\/\d+\.\d+\.\d+ .* node-v\d+/);
  });

  it.each<[string[], string[]]>([
    [['similar', 'Plush', '--help'], ['similar']],
    [['help', 'similar'], ['similar']],
    [['snapshots', '--help'], verbs.map((verb) => `snapshots ${verb}`)],
  ])('%j is a document with --json', async (args, wanted) => {
    const { code, json } = await runHereJson(args);
    expect(code).toBe(0);
    const { commands } = json as { commands: { command: string; flags: { name: string }[] }[] };
    expect(commands.map(({ command }) => command).sort()).toEqual(wanted);
    expect(commands[0]!.flags.map(({ name }) => name)).toContain('root');
  });
});

it('the browser begins at one item', async () => {
  for (const more of [['Creep'], ['--minus', 'Creep']]) {
    const { code, stderr } = await runHere(['similar', 'Plush', '--browse', ...more]);
    expect(code).toBe(2);
    expect(stderr).toContain('--browse starts at one item');
  }
});

it('an old Node gets a sentence', async () => {
  const older = 'Object.defineProperty(process, "versions", { value: { node: "20.18.9" } })';
  const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(older)}`];
  expect(await runSegue(['similar', 'Plush'], { nodeArgs })).toEqual({
    code: 2,
    signal: null,
    stdout: '',
    stderr: 'Error: segue needs Node 20.19 or newer, and this is Node 20.18.9\n',
  });
});

it('help has no colour off a terminal, and NODE_ENV does not make oclif look for sources to compile', async () => {
  const { code, stdout, stderr } = await runSegue(['similar', '--help'], {
    env: { NODE_ENV: 'development' },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).not.toContain('\x1b');
});
