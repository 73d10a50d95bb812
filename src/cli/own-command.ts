/**
 * Which of segue's own commands a command line calls. A command is a file of dist/commands, a topic a directory there:
 * `similar Plush` calls similar.js, `snapshots show latest` calls snapshots/show.js. `items` is both: `items pearl jam` calls
 * items.js, `items show Plush` calls items/show.js.
 */
import { existsSync } from 'node:fs';

/** A command that is there, and what it is given. */
export interface OwnCommand {
  /** As it is typed: 'similar', 'snapshots show'. */
  readonly name: string;
  /** Its file in dist/commands, without .js. */
  readonly file: string;
  readonly argv: readonly string[];
}

const word = /^[a-z-]+$/;

/** What a topic does without a verb. */
const defaultVerb = 'list';

/** The command that `segue …argv` calls; undefined where the first words are no command. `root` is the package's directory. */
export function findOwnCommand(argv: readonly string[], root: URL): OwnCommand | undefined {
  const [first = '', second, ...others] = argv;
  const rest = argv.slice(1);
  if (second !== undefined && isFile(second, root, first)) return inTopic(first, second, others);
  if (isFile(first, root)) return { name: first, file: first, argv: rest };
  const isAlone = second === undefined || second.startsWith('-');
  return isAlone && isFile(defaultVerb, root, first) ? inTopic(first, defaultVerb, rest) : undefined;
}

function inTopic(topic: string, verb: string, argv: readonly string[]): OwnCommand {
  return { name: `${topic} ${verb}`, file: `${topic}/${verb}`, argv };
}

function isFile(name: string, root: URL, topic?: string): boolean {
  if (!word.test(name) || (topic !== undefined && !word.test(topic))) return false;
  return existsSync(new URL(`dist/commands/${topic === undefined ? '' : `${topic}/`}${name}.js`, root));
}
