/** The help pages: a front page in the order of the work, and a page a command. Loaded by oclif where help is asked for. */
import { stripVTControlCharacters } from 'node:util';
import type { Command } from '@oclif/core/command';
import { CommandHelp, Help } from '@oclif/core/help';
import type { Config, HelpOptions } from '@oclif/core/interfaces';
import { helpGroups } from '../core/options/option.js';
import { screenOf } from './terminal/screen.js';
import { wrapped } from './terminal/wrapped-lines.js';

/** The order of the work; commands that are not among these follow by name. */
const flow = [
  ...['train', 'evaluate', 'tune', 'build-index', 'user-vector', 'import', 'publish'],
  ...[
    'similar',
    'recommend',
    'feedback',
    'recipe',
    'browse',
    'items',
    'users',
    'audience',
    'serve',
    'explore',
  ],
  ...['export', 'diff-snapshots', 'report', 'rollback', 'snapshots', 'gc', 'completion', 'help'],
  ...verbsOf('feedback', ['add', 'import', 'list', 'undo', 'export', 'compact', 'verify', 'forget']),
  ...verbsOf('snapshots', ['list', 'show', 'history', 'tag', 'untag', 'verify', 'delete']),
];

function verbsOf(topic: string, verbs: readonly string[]): string[] {
  return verbs.map((verb) => `${topic}:${verb}`);
}

function placeInFlow(name: string): number {
  const index = flow.indexOf(name);
  return index === -1 ? flow.length : index;
}

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

/** Narrower, hardly a word would stay whole. */
const narrowest = 20;

class CommandPage extends CommandHelp {
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
    const place = ({ helpGroup }: Command.Flag.Any): number =>
      helpGroups.findIndex((group) => group === helpGroup);
    return super.groupFlags(flags.toSorted((a, b) => place(a) - place(b)));
  }

  /** What a flag does comes first, then its default and its environment variable. */
  protected override flags(flags: Command.Flag.Any[]): [string, string | undefined][] | undefined {
    // A section of none would be a heading over nothing.
    if (flags.length === 0) return undefined;
    const noneIsShort = flags.every((flag) => flag.char === undefined);
    return flags.map((flag) => {
      const label = this.flagHelpLabel(flag, true);
      // In the manifest a default is a value, or the words of `defaultText` in flag-kinds.ts.
      const { default: value } = flag as { default?: string | number };
      const known = [
        ...(flag.type === 'option' && value !== undefined ? [`default ${value}`] : []),
        ...(flag.env === undefined ? [] : [flag.env]),
      ];
      return [
        noneIsShort ? label.replace('    ', '') : label,
        `${flag.description ?? ''} [${known.join(', ')}]`,
      ];
    });
  }
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

  protected override CommandHelpClass = CommandPage;

  protected override get sortedCommands(): Command.Loadable[] {
    // super's are sorted by name, and sort is stable.
    return super.sortedCommands.sort((a, b) => placeInFlow(a.id) - placeInFlow(b.id));
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

  /** Commands and topics in one list: who looks for what segue can do need not know which is which. */
  protected override showRootHelp(): Promise<void> {
    const entries = [
      ...this.sortedCommands.map((command) => ({ name: command.id, summary: super.summary(command) })),
      // A topic that is a command too stands there already.
      ...this.sortedTopics
        .filter(({ name }) => !this.sortedCommands.some(({ id }) => id === name))
        .map(({ name, description }) => ({ name, summary: description?.split('\n')[0] })),
    ];
    const rows = entries
      .filter(({ name }) => !name.includes(':'))
      .sort((a, b) => placeInFlow(a.name) - placeInFlow(b.name))
      .map(({ name, summary }): [string, string | undefined] => [name, summary]);
    this.log(this.formatRoot());
    this.log('');
    this.log(this.section('COMMANDS', this.renderList(rows, { indentation: 2, spacer: '\n' })));
    this.log('');
    this.log(this.section('ENVIRONMENT', environment));
    this.log('');
    this.log(this.section('EXIT CODES', exitCodesInWords));
    this.log('');
    this.log(this.section('MORE', 'segue COMMAND --help   flags and examples of a command'));
    return Promise.resolve();
  }
}
