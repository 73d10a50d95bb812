/**
 * Runs a command line by the shortest way there is: segue's own commands are imported and run at once; whatever is not
 * one of them (help, version, completion, a mistake) goes through oclif, which reads all plugins and manifests first.
 *
 * The short way saves 20 ms of a process that has 100 ms besides what Node itself takes.
 */
import { fileURLToPath } from 'node:url';
import type { Config } from '@oclif/core/interfaces';
import type { BaseCommand } from './base-command.js';
import { requireSwitches, type KnownFlags } from './flags/environment-flags.js';
import { wantsJson } from './json-mode.js';
import { findOwnCommand } from './own-command.js';

/** A program that segue's own commands belong to. */
export interface Program {
  /** The package's directory: package.json and dist/ are in it. */
  readonly root: URL;
  /** Imports dist/commands/<file>.js, which is there. Without this everything goes through oclif. */
  readonly importCommand?: (file: string) => Promise<{ default: CommandClass }>;
}

export type CommandClass = (new (argv: string[], config: Config) => BaseCommand) & {
  id: string;
  readonly flags?: KnownFlags;
  readonly baseFlags?: KnownFlags;
};

/** Runs `segue …argv`; throws whatever goes wrong. */
export async function runCommand(argv: readonly string[], program: Program): Promise<void> {
  const { root, importCommand } = program;
  if (wantsJson(argv)) {
    const page = await pageAsJson(argv, root);
    if (page !== undefined) {
      const [{ writeToStdout }, { safeJson }] = await Promise.all([
        import('./stdout.js'),
        import('./terminal/safe-text.js'),
      ]);
      return writeToStdout(`${safeJson(page)}\n`);
    }
  }
  if (asksForHelp(argv)) return showHelp(argv, root);
  const own = findOwnCommand(argv, root);
  if (importCommand === undefined || own === undefined) {
    await runThroughOclif(argv, root);
    return;
  }
  const { default: OwnCommand } = await importCommand(own.file);
  OwnCommand.id = own.file.replaceAll('/', ':');
  requireSwitches({ ...OwnCommand.baseFlags, ...OwnCommand.flags }, own.argv);
  await new OwnCommand([...own.argv], withoutPlugins as unknown as Config).run();
}

/** All that a command of ours asks of its Config: there are no plugins, so that no hook has anything to do. */
const withoutPlugins = {
  bin: 'segue',
  runHook: () => Promise.resolve({ successes: [], failures: [] }),
};

function asksForHelp(argv: readonly string[]): boolean {
  if (argv[0] === 'help') return true;
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  return flags.some((word) => word === '--help' || word === '-h' || word.startsWith('--help='));
}

/** What --help or --version says, where either is asked for. */
async function pageAsJson(argv: readonly string[], root: URL): Promise<object | undefined> {
  const [first = ''] = argv.filter((word) => word !== '--json');
  const isVersion = ['--version', '-v'].includes(first);
  if (!isVersion && !asksForHelp(argv)) return undefined;
  const { helpDocument, versionDocument } = await import('./help-json.js');
  return isVersion ? versionDocument(root) : helpDocument(argv, root);
}

/** By the class itself: oclif knows no --help with a value, and no help --all. */
async function showHelp(argv: readonly string[], root: URL): Promise<void> {
  const [{ Config }, { settings }, { default: SegueHelp }] = await Promise.all([
    import('@oclif/core/config'),
    import('@oclif/core/settings'),
    import('./help.js'),
  ]);
  settings.enableAutoTranspile = false;
  await new SegueHelp(await Config.load(fileURLToPath(root))).showHelp([...argv]);
}

async function runThroughOclif(argv: readonly string[], root: URL): Promise<void> {
  const [{ run }, { settings }] = await Promise.all([
    import('@oclif/core/run'),
    import('@oclif/core/settings'),
  ]);
  // What was compiled is what runs, whatever NODE_ENV says.
  settings.enableAutoTranspile = false;
  await run([...argv], { root: fileURLToPath(root), userPlugins: false, devPlugins: false });
}
