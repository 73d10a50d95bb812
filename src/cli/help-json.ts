/** What `--help` and `--version` say, as a document for programs. */
import type { Some } from '../core/contracts.js';
import { fileURLToPath } from 'node:url';
import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import { askedGroup, flagsToShow } from './help-groups.js';

export interface HelpDocument {
  readonly version: string;
  readonly commands: Some<CommandDocument>;
}

interface CommandDocument {
  /** As it is typed: 'similar', 'snapshots show'. */
  readonly command: string;
  readonly summary: string;
  readonly description: string;
  readonly args: readonly ArgDocument[];
  readonly flags: readonly FlagDocument[];
  readonly examples: readonly { readonly description: string; readonly command: string }[];
}

interface ArgDocument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly multiple: boolean;
}

interface FlagDocument {
  readonly name: string;
  readonly char: string | null;
  readonly description: string;
  readonly group: string;
  readonly env: string | null;
  /** null: the flag is a switch. */
  readonly value: string | null;
  readonly options: readonly string[] | null;
  /** In words where it is not one value. */
  readonly default: string | null;
  readonly multiple: boolean;
}

/** segue's own commands whose words a command line begins with: all where there are none; undefined where they call nothing. */
export async function helpDocument(argv: readonly string[], root: URL): Promise<HelpDocument | undefined> {
  const { commands, name, version } = await Config.load(fileURLToPath(root));
  const own = commands.filter(({ pluginName, hidden }) => pluginName === name && !hidden);
  const end = argv.findIndex((word) => word.startsWith('-'));
  const words = (end === -1 ? argv : argv.slice(0, end)).slice(argv[0] === 'help' ? 1 : 0);
  const [first, second] = words;
  const called =
    own.find(({ id }) => id === `${first ?? ''}:${second ?? ''}`) ?? own.find(({ id }) => id === first);
  const meant =
    called === undefined
      ? own.filter(({ id }) => first === undefined || id.startsWith(`${first}:`))
      : [called];
  // All flags are there, whatever the page would show; only what there is not is refused.
  if (called !== undefined && askedGroup(argv) !== undefined) flagsToShow(called, argv);
  return meant.length === 0 ? undefined : { version, commands: meant.map(documentOf) };
}

export type VersionDocument = Readonly<Record<'name' | 'version' | 'node' | 'platform' | 'arch', string>>;

/** Of the program, and of what it runs on. */
export async function versionDocument(root: URL): Promise<VersionDocument> {
  const { name, version, platform, arch } = await Config.load(fileURLToPath(root));
  return { name, version, node: process.versions.node, platform, arch };
}

function documentOf({ id, summary, description, args, flags, examples }: Command.Loadable): CommandDocument {
  return {
    command: id.replaceAll(':', ' '),
    summary: summary ?? '',
    description: description ?? '',
    args: Object.values(args).map((arg) => ({
      name: arg.name,
      description: arg.description ?? '',
      required: arg.required === true,
      multiple: arg.multiple === true,
    })),
    flags: Object.values(flags).map(flagDocument),
    examples: (examples ?? []).flatMap((example) => (typeof example === 'string' ? [] : [example])),
  };
}

function flagDocument(flag: Command.Flag.Cached): FlagDocument {
  const isSwitch = flag.type === 'boolean';
  const { default: value } = flag as { default?: string | number | readonly number[] };
  return {
    name: flag.name,
    char: flag.char ?? null,
    description: flag.description ?? '',
    group: (flag.helpGroup ?? '').toLowerCase(),
    env: flag.env ?? null,
    value: isSwitch ? null : (flag.helpValue?.toString() ?? flag.options?.join('|') ?? 'VALUE'),
    options: isSwitch ? null : (flag.options ?? null),
    default: isSwitch || value === undefined ? null : String(value),
    multiple: !isSwitch && flag.multiple === true,
  };
}
