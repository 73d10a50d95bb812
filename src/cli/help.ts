/** The help pages: a front page in the order of the work, and a page a command. Loaded by oclif where help is asked for. */
import { stripVTControlCharacters } from 'node:util';
import type { Command } from '@oclif/core/command';
import { CommandHelp, Help } from '@oclif/core/help';
import type { Config, HelpOptions } from '@oclif/core/interfaces';
import { askedGroup, flagsToShow } from './help-groups.js';
import { AppError } from '../core/errors.js';
import { screenOf } from './terminal/screen.js';
import { wrapped } from './terminal/wrapped-lines.js';

const environment: [string, string][] = [
  ['SEGUE_ROOT', 'directory that holds the snapshots (--root) [default .segue]'],
  ['SEGUE_…', 'every flag has a variable: --half-life is SEGUE_HALF_LIFE'],
  ['SEGUE_DEBUG', '1 shows where an error arose, as --verbose does'],
  ['NO_COLOR', '1 turns colour off'],
];

const exitCodesInWords: [string, string][] = [
  ['0', 'done'],
  ['1', 'a gate or comparison fails'],
  ['2', 'bad input or usage'],
  ['3', 'no such item, user or snapshot'],
  ['4', 'damaged, or written in a newer format'],
  ['5', 'busy, or not in the state that --expect names'],
  ['6', 'the change is visible, but may not survive a power cut'],
  ['7', 'refused by the machine (disk full, permission, I/O); nothing changed'],
  ['70', 'a bug in segue'],
  ['129–131, 143', 'hung up, interrupted, quit, terminated'],
];

const more: [string, string][] = [
  ['segue', 'the root, what is current, and what to do next'],
  ['segue COMMAND --help', 'flags that most need, and examples'],
  ['segue COMMAND --help=all', 'all flags; --help=GROUP those of a group'],
];

/** Of docs/reference/commands.md's first table, and README's. */
const mainCommands = 7;

/** Longer ones would be cut within a word where a line is full: they stand in the description. */
const longestChoices = 60;

/** Narrower, hardly a word would stay whole. */
const narrowest = 20;

class CommandPage extends CommandHelp {
  readonly #argv: readonly string[];

  constructor(argv: readonly string[], ...rest: ConstructorParameters<typeof CommandHelp>) {
    super(...rest);
    this.#argv = argv;
  }

  /** Of a group that was asked for, the page has the flags alone. */
  protected override sections(): ReturnType<CommandHelp['sections']> {
    const asked = askedGroup(this.#argv) ?? 'all';
    const kept = super.sections().filter(({ header }) => asked === 'all' || /^(USAGE|FLAGS)$/.test(header));
    const after = kept.findIndex(({ header }) => header === 'FLAGS') + 1;
    return kept.toSpliced(after, 0, {
      header: 'MORE FLAGS',
      generate: (_, header) => {
        const body = this.#others(asked !== 'all');
        return body.length === 0 ? undefined : [{ header, body }];
      },
    });
  }

  /** A line of each group that is not shown, with the command that shows it. */
  #others(isGroup: boolean): [string, string][] {
    const { folded, total, mode } = this.#toShow();
    const page = this.#typed(mode);
    const rows = folded.map(([group, count]): [string, string] => [
      `${page}=${group.toLowerCase()}`,
      `${group} (${count} ${count === 1 ? 'flag' : 'flags'})`,
    ]);
    return [
      ...(isGroup ? [[page, 'the page of the command'] as [string, string]] : rows),
      ...(folded.length === 0 ? [] : [[`${page}=all`, `all ${total} flags`] as [string, string]]),
      ...(mode === undefined ? [] : [[this.#typed(), 'other uses of the command'] as [string, string]]),
    ];
  }

  /** Those of the mode, where there are some. */
  protected override examples(examples: Command.Example[] | undefined): string | undefined {
    const { mode } = this.#toShow();
    const isOfMode = (example: Command.Example): boolean =>
      typeof example !== 'string' && example.command.includes(` --${mode}`);
    const ofMode = examples?.filter(isOfMode) ?? [];
    return super.examples(ofMode.length > 0 ? ofMode : examples);
  }

  #typed(mode?: string): string {
    const flags = mode === undefined ? [] : [`--${mode}`];
    return ['segue', this.command.id.replaceAll(':', ' '), ...flags, '--help'].join(' ');
  }

  #toShow(): ReturnType<typeof flagsToShow> {
    return flagsToShow(this.command, this.#argv);
  }

  /** In lines of whole words: oclif's would cut its own template where a terminal is narrow. */
  protected override usage(): string {
    const [first = '', ...others] = wrapped(
      `$ segue ${this.defaultUsage()}`,
      this.opts.maxWidth - 2 * this.indentSpacing,
    );
    return [first, ...others.map((line) => this.indent(line))].join('\n');
  }

  /** `similar ITEM... [FLAGS]`: each flag has its line below. */
  protected override defaultUsage(): string {
    const args = Object.values(this.command.args).map((arg) => {
      const name = `${arg.name.toUpperCase()}${arg.multiple === true ? '...' : ''}`;
      return arg.required === true ? name : `[${name}]`;
    });
    return [this.command.id.replaceAll(':', ' '), ...args, '[FLAGS]'].join(' ');
  }

  /** oclif sets lists in by two columns more than it wraps them for, where descriptions stand below their flags. */
  override renderList(...[rows, options]: Parameters<CommandHelp['renderList']>): string {
    const list = super.renderList(rows, options);
    const widest = Math.max(...list.split('\n').map((line) => stripVTControlCharacters(line).length));
    if (widest + this.indentSpacing <= this.opts.maxWidth) return list;
    return super.renderList(rows, { ...options, indentation: options.indentation + this.indentSpacing });
  }

  /** The page begins with the summary, and need not say it twice. */
  protected override description(): string | undefined {
    return this.command.description === undefined ? undefined : this.wrap(this.command.description);
  }

  /** Groups in the order of the work, whatever the order of the flags. */
  protected override groupFlags(flags: Command.Flag.Any[]): ReturnType<CommandHelp['groupFlags']> {
    const { shown } = this.#toShow();
    const ofGroup = (names: readonly string[]): Command.Flag.Any[] =>
      flags.filter(({ name }) => names.includes(name));
    const flagGroups = Object.fromEntries(
      [...shown].map(([group, names]) => [group, ofGroup(names)] as const),
    );
    return { mainFlags: [], flagGroups };
  }

  /** What a flag does comes first, then its default and its environment variable. */
  protected override flags(flags: Command.Flag.Any[]): [string, string | undefined][] | undefined {
    // A section of none would be a heading over nothing.
    if (flags.length === 0) return undefined;
    const noneIsShort = flags.every((flag) => flag.char === undefined);
    return flags.map((flag) => {
      const choices = (flag.type === 'option' ? flag.options : undefined) ?? [];
      const isLong = choices.join('|').length > longestChoices;
      const label = this.flagHelpLabel(isLong ? { ...flag, ...valueInCapitals(flag) } : flag, true);
      const text = flag.description ?? '';
      const isToSay = isLong && !choices.every((choice) => text.includes(choice));
      // In the manifest a default is a value, or words.
      const { default: value } = flag as { default?: string | number };
      const known = [
        ...(flag.type === 'option' && value !== undefined ? [`default ${value}`] : []),
        ...(flag.env === undefined ? [] : [flag.env]),
      ];
      return [
        noneIsShort ? label.replace('    ', '') : label,
        `${text}${isToSay ? `; one of ${choices.join(', ')}` : ''} [${known.join(', ')}]`,
      ];
    });
  }
}

function valueInCapitals({ name }: Command.Flag.Any): { options: []; helpValue: string } {
  return { options: [], helpValue: name.toUpperCase() };
}

export default class SegueHelp extends Help {
  /** oclif's own width is 40 at least. */
  constructor(config: Config, options: Partial<HelpOptions> = {}) {
    const { decorated, width } = screenOf(process.stdout);
    // In the order of the command, however its page is asked for.
    super(config, {
      flagSortOrder: 'none',
      ...(decorated ? { maxWidth: Math.max(narrowest, width) } : {}),
      ...options,
    });
  }

  protected override summary(command: Command.Loadable): string | undefined {
    const summary = super.summary(command);
    return summary === undefined ? undefined : this.wrap(summary, 0);
  }

  /** The words that help was asked for with. */
  #argv: readonly string[] = [];

  override showHelp(argv: string[]): Promise<void> {
    const end = argv.indexOf('--');
    this.#argv = end === -1 ? argv : argv.slice(0, end);
    return super.showHelp(argv.map((word) => (word.startsWith('--help=') ? '--help' : word)));
  }

  protected override getCommandHelpClass(command: Command.Loadable): CommandPage {
    return new CommandPage(this.#argv, command, this.config, this.opts);
  }

  override showCommandHelp(command: Command.Loadable): Promise<void> {
    // A group that there is not is refused before anything is printed.
    flagsToShow(command, this.#argv);
    return super.showCommandHelp(command);
  }

  protected override showTopicHelp(...[topic]: Parameters<Help['showTopicHelp']>): Promise<void> {
    this.#requireNoGroup();
    return super.showTopicHelp(topic);
  }

  #requireNoGroup(): void {
    const group = askedGroup(this.#argv);
    if (group === undefined || group === 'all') return;
    throw new AppError('bad-usage', `--help=${group} is of a command, and none is named`, {
      suggestions: [`segue COMMAND --help=${group}`, 'segue --help'],
    });
  }

  protected override get sortedCommands(): Command.Loadable[] {
    // super's are sorted by name, and sort is stable.
    return super.sortedCommands.sort((a, b) => this.#placeOf(a.id) - this.#placeOf(b.id));
  }

  /** In the order of docs/reference/commands.md's tables, which the manifest has; a topic stands where its first verb does. */
  #placeOf(name: string): number {
    const places = this.config.commands.flatMap((command) => {
      const { id, place = Number.MAX_SAFE_INTEGER } = command as Command.Loadable & { place?: number };
      return id === name || id.startsWith(`${name}:`) ? [place] : [];
    });
    return Math.min(...places);
  }

  override formatRoot(): string {
    return [
      this.wrap(
        'From listening events to music vectors, neighbours and recommendations, published all at once.',
        0,
      ),
      this.section('USAGE', '$ segue COMMAND [FLAGS]'),
    ].join('\n\n');
  }

  /** The main commands, and with --all the others too. Topics stand among them: who looks for one need not know which is which. */
  protected override showRootHelp(): Promise<void> {
    this.#requireNoGroup();
    const entries = [
      ...this.sortedCommands.map((command) => ({ name: command.id, summary: super.summary(command) })),
      // A topic that is a command too stands there already.
      ...this.sortedTopics
        .filter(({ name }) => !this.sortedCommands.some(({ id }) => id === name))
        .map(({ name, description }) => ({ name, summary: description?.split('\n')[0] })),
    ];
    const rows = entries
      .filter(({ name }) => !name.includes(':'))
      .sort((a, b) => this.#placeOf(a.name) - this.#placeOf(b.name))
      .map(({ name, summary }): [string, string | undefined] => [name, summary]);
    const isAll = this.#argv.some((word) => word === '--all' || word.toLowerCase() === '--help=all');
    const shown = isAll ? rows : rows.slice(0, mainCommands);
    const others = rows.slice(shown.length).map(([name]) => name);
    this.log(
      [
        this.formatRoot(),
        this.section('COMMANDS', this.renderList(shown, { indentation: 2, spacer: '\n' })),
        ...(isAll
          ? [this.section('ENVIRONMENT', environment), this.section('EXIT CODES', exitCodesInWords)]
          : [this.section('OTHERS', this.wrap(others.join(', ')))]),
        this.section(
          'MORE',
          isAll ? more : [...more, ['segue help --all', 'all commands, variables and exit codes']],
        ),
      ].join('\n\n'),
    );
    return Promise.resolve();
  }
}
