/**
 * Which of segue's own commands a command line calls. A command is a file of dist/commands, a topic a directory there:
 * `similar Plush` calls similar.js, `snapshots show latest` calls snapshots/show.js. `items` is both: `items pearl jam` calls
 * items.js, `items show Plush` calls items/show.js.
 */
import { existsSync } from 'node:fs';

/** A command that is there, and what it is given. */
export interface OwnCommand {
  /** As it is typed: 'similar', 'snapshots show'; nothing for segue alone. */
  readonly name: string;
  /** Its file in dist/commands, without .js. */
  readonly file: string;
  readonly argv: readonly string[];
}

/** The file of `segue` alone, which is no word to type. */
const frontPage = 'front-page';

const word = /^[a-z-]+$/;

/** What a topic does without a verb. */
const defaultVerb = 'list';

/** The command that `segue …argv` calls; undefined where the first words are no command. `root` is the package's directory. */
export function findOwnCommand(argv: readonly string[], root: URL): OwnCommand | undefined {
  if (isWithoutCommand(argv)) return { name: '', file: frontPage, argv };
  const [first = '', second, ...others] = argv;
  const rest = argv.slice(1);
  if (second !== undefined && isFile(second, root, first)) return inTopic(first, second, others);
  if (isFile(first, root)) return { name: first, file: first, argv: rest };
  const isAlone = second === undefined || second.startsWith('-');
  return isAlone && isFile(defaultVerb, root, first) ? inTopic(first, defaultVerb, rest) : undefined;
}

/** Whether there is nothing but flags that every command has. */
function isWithoutCommand([first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  if (first === '--root') return isWithoutCommand(rest.slice(1));
  return /^--(?:root=.*|json|quiet|verbose)$/s.test(first) && isWithoutCommand(rest);
}

function inTopic(topic: string, verb: string, argv: readonly string[]): OwnCommand {
  return { name: `${topic} ${verb}`, file: `${topic}/${verb}`, argv };
}

function isFile(name: string, root: URL, topic?: string): boolean {
  if (!word.test(name) || name === frontPage || (topic !== undefined && !word.test(topic))) return false;
  return existsSync(new URL(`dist/commands/${topic === undefined ? '' : `${topic}/`}${name}.js`, root));
}
