import { Config } from '@oclif/core/config';
import { fileURLToPath } from 'node:url';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { askedGroup, flagsToShow, type GroupedCommand } from '#dist/cli/help-groups.js';
import { helpGroups } from '#dist/core/options/option.js';
import SegueHelp from '#dist/cli/help.js';
import { runHere } from '../helpers/run-here.js';

/** The pages, without printing them. */
class Pages extends SegueHelp {
  readonly #said: string[] = [];

  protected override log(...args: string[]): void {
    this.#said.push(args.join(' '));
  }

  async pageOf(...words: string[]): Promise<string> {
    this.#said.length = 0;
    await this.showHelp(words);
    return this.#said.join('\n');
  }
}

const config = await Config.load(fileURLToPath(new URL('../..', import.meta.url)));
const ours = config.commands.filter(({ pluginName }) => pluginName === config.name);
// Defaults in words are in the manifest: no command has to be loaded.
for (const command of ours) command.hasDynamicHelp = false;
type WithModes = (typeof ours)[number] & GroupedCommand;
const modesOf = (command: (typeof ours)[number]): [mode: string, names: readonly string[]][] =>
  Object.entries((command as WithModes).modes ?? {});

/** Every command, and every mode of one, as help is asked for. */
const pages: string[][] = ours.flatMap((command) => {
  const words = command.id.split(':');
  return [words, ...modesOf(command).map(([mode]) => [...words, `--${mode}`])];
});
const globals = ['root', 'json', 'quiet', 'verbose'];
const flagsOn = (page: string): string[] =>
  [...page.matchAll(/^ {2}(?:-\w, | {4})?--([\w-]+)/gm)].map(([, name]) => name!);
const groupsIn = (page: string): string[] =>
  [...page.matchAll(/--help=([\w-]+) +[A-Z]/g)].map(([, name]) => name!);

describe('a help page', () => {
  it('has at most 25 flags, their groups in one order, and a line of each other group', async () => {
    const help = new Pages(config, { maxWidth: 200 });
    for (const words of pages) {
      const page = await help.pageOf(...words, '--help');
      const headings = [...page.matchAll(/^([A-Z0-9-]+) FLAGS$/gm)].map(([, name]) => name!);
      const groups = headings.filter((name) => name !== 'MORE');
      expect(groups.length, page).toBeGreaterThan(0);
      expect(groups, words.join(' ')).toEqual(helpGroups.filter((group) => groups.includes(group)));
      expect(page).not.toMatch(/^[A-Z0-9 -]+\n(?:\n|$)/m);
      const about = words.join(' ');
      const shown = flagsOn(page);
      expect(shown.length, about).toBeLessThanOrEqual(25);
      expect(shown, about).toContain('root');
      const more = groupsIn(page);
      const all = flagsOn(await help.pageOf(...words, '--help=all'));
      for (const group of more) shown.push(...flagsOn(await help.pageOf(...words, `--help=${group}`)));
      expect(shown.toSorted(), about).toEqual(all.toSorted());
      const command = ours.find(({ id }) => id.split(/[: ]/).join(' ') === about.replace(/ --.*/, ''))!;
      const ofMode = modesOf(command).find(([mode]) => words.at(-1) === `--${mode}`)?.[1];
      const mode = ofMode === undefined ? [] : [words.at(-1)!.slice(2)];
      const flags = Object.keys(command.flags);
      // What is an argument of the command is an option of its operation too.
      const wanted = [...(ofMode ?? flags), ...mode, ...globals].filter((name) => flags.includes(name));
      expect(all.toSorted(), about).toEqual([...new Set(wanted)].toSorted());
      const count = /--help=all +all (\d+) flags/.exec(page)?.[1];
      expect(count, about).toBe(more.length === 0 ? undefined : String(all.length));
    }
  });

  it('shows first what most need', async () => {
    const help = new Pages(config, { maxWidth: 200 });
    const train = await help.pageOf('train', '--help');
    expect(flagsOn(train)).toEqual(expect.arrayContaining(['items', 'columns', 'model', 'factors', 'tag']));
    expect(groupsIn(train)).toEqual(['format', 'event', 'als', 'item2vec', 'weight', 'engine']);
    // What a mode is about, though few need it elsewhere.
    expect(flagsOn(await help.pageOf('recommend', '--all', '--help'))).toContain('out');
    expect(flagsOn(await help.pageOf('recommend', '--recipe', 'radio', '--help'))).toContain('seed-item');
    expect(groupsIn(await help.pageOf('recommend', '--help'))).toEqual(['recipe', 'batch', 'engine']);
  });

  it('of a mode has its examples, and says where the others are', async () => {
    const help = new Pages(config, { maxWidth: 200 });
    const page = await help.pageOf('recommend', '--all', '--help');
    expect(page.match(/^ +\$ segue .*/gm)?.slice(1)).toEqual([
      '    $ segue recommend --all --out everyone.parquet',
    ]);
    expect(page).toContain('segue recommend --help  ');
  });

  it('of a group has its flags alone, and of none is a usage error with the groups', async () => {
    const help = new Pages(config, { maxWidth: 200 });
    for (const words of [
      ['train', '--help=als'],
      ['help', 'train', '--help=ALS'],
      ['train', 'x', '--help=als'],
    ]) {
      const page = await help.pageOf(...words);
      expect(page.match(/^[A-Z0-9 ]+$/gm)).toEqual(['USAGE', 'ALS FLAGS', 'MORE FLAGS']);
    }
    for (const [words, message, suggestion] of [
      [
        'train --help=asl',
        '--help=asl: wanted one of input, format, event, model, als, ',
        'segue train --help=als',
      ],
      ['snapshots show --help=als', 'wanted one of query, global, all', 'segue snapshots show --help=all'],
      ['--help=als', '--help=als is of a command, and none is named', 'segue COMMAND --help=als'],
      ['snapshots --help=als', 'none is named', 'segue COMMAND --help=als'],
    ] as const) {
      const { code, stderr, stdout } = await runHere(words.split(' '));
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(message);
      expect(stderr).toContain(`→ ${suggestion}\n`);
    }
    const { code, stdout } = await runHere(['train', '--help=asl', '--json']);
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({
      code: 2,
      error: { code: 'bad-usage' },
    });
  });

  it.each([20, 60, 200])('is wrapped at %i columns, but for commands and long words', async (width) => {
    expect(ours.length).toBeGreaterThan(15);
    const help = new Pages(config, { maxWidth: width });
    const wide: string[] = [];
    // The narrowest is the hardest: for the others the pages of many flags do.
    const some = width === 20 ? pages : [['train'], ['recommend', '--all'], ['help']];
    for (const words of [...some, ['train', '--help=all']]) {
      for (const line of (await help.pageOf(...words, '--help')).split('\n')) {
        const isCommand = line.includes('$ ') || line.includes('segue ') || line.includes('examples/');
        if (stringWidth(line) > width && !isCommand) wide.push(`${words.join(' ')}: ${line}`);
      }
    }
    expect(wide).toEqual([]);
  });

  it('cuts no value of an option in two at 80 columns, and says what it may be', async () => {
    const help = new Pages(config, { maxWidth: 80 });
    for (const words of [['train'], ['tune'], ['evaluate'], ['export']]) {
      const page = await help.pageOf(...words, '--help=all');
      expect(page, words.join(' ')).not.toMatch(/^ {2}--[\w-]+=\S*\|\S*\n {0,3}\S/m);
    }
    expect(await help.pageOf('train', '--help')).toMatch(
      /--model=MODEL\s+model to train: auto [^;]*\[default auto/,
    );
  });

  it('of no group is one of all', () => {
    expect(askedGroup(['train', '--help'])).toBeUndefined();
    const flags = { json: { helpGroup: 'GLOBAL' }, k: { helpGroup: 'QUERY' } };
    const { shown, folded, total } = flagsToShow({ id: 'x', flags }, ['x', '--help']);
    expect([[...shown.keys()], folded, total]).toEqual([['QUERY', 'GLOBAL'], [], 2]);
  });
});
