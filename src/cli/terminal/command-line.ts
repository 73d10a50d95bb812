/**
 * Commands of segue's that are suggested, so that they work as they are pasted: on the root that this command worked on.
 * --root is repeated where it was typed; what SEGUE_ROOT says, the shell still has.
 */
import { shellWord } from '../../core/shell-word.js';
import { safeText } from './safe-text.js';
import { styled, type Screen } from './screen.js';

/** A command line: the command ('snapshots untag'), then its words, quoted here. */
export type CommandLine = (command: string, ...words: readonly string[]) => string;

export function commandLine(root?: string): CommandLine {
  return (command, ...words) => {
    const rootWords = root === undefined ? [] : ['--root', root];
    return ['segue', command, ...[...rootWords, ...words].map(shellWord)].join(' ');
  };
}

/** The --root that was typed; undefined where none was. */
export function typedRoot(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const place = words.findLastIndex((word) => word === '--root' || word.startsWith('--root='));
  const word = words[place];
  return word === '--root' ? words[place + 1] : word?.slice('--root='.length);
}

/** What a suggestion begins with, where it is a command that has a root. */
const command =
  /^segue (?:snapshots(?: (?:delete|history|list|show|tag|untag|verify)\b)?|(?:items|users)(?: show\b)?|feedback(?: [a-z]+\b)?|recipe(?: check\b)?|[a-z][a-z-]*)(?=[ ,;]|$)/;

/**
 * A suggestion of a task's on that root. Only a command at its beginning is looked at: what comes later may be in quotes.
 */
export function atRoot(suggestion: string, root: string | undefined): string {
  if (root === undefined || / --help(?:=\S+)?$/.test(suggestion)) return suggestion;
  // A function, since a replacement text would read $ of its own.
  return suggestion.replace(command, (found) => `${found} --root ${shellWord(root)}`);
}

/** What can be done, below what happened. Never wrapped: most are commands to copy, which a line feed would cut in two. */
export function suggestionLine(suggestion: string, screen: Screen): string {
  return `  ${styled(screen, 'cyan', '→')} ${safeText(suggestion)}`;
}
