/** oclif's hook for a word that is no command: a usage error like any other (exit 2, also with --json). */
import type { Hook } from '@oclif/core/hooks';
import { AppError } from '../core/errors.js';
import { closestTo } from './terminal/closest.js';

const commandNotFound: Hook<'command_not_found'> = function ({ id, config }) {
  const known = config.commands.filter((command) => !command.hidden).map((command) => command.id);
  // oclif joins words with colons: `segue simlar Plush` may arrive as simlar:Plush.
  const [first = id, second] = id.split(':');
  const verbs = known.filter((name) => name.startsWith(`${first}:`)).map((name) => name.split(':')[1] ?? '');
  if (verbs.length > 0 && second !== undefined) throw noVerb(first, second, verbs.sort());
  const word = known.includes(first) ? id : first;
  if (word.startsWith('-')) {
    throw new AppError('bad-usage', `${word} stands where a command is wanted`, {
      suggestions: ['flags come after the command: segue COMMAND [FLAGS]', 'segue --help'],
    });
  }
  const topics = known.flatMap((name) => (name.includes(':') ? name.split(':').slice(0, 1) : []));
  throw new AppError('bad-usage', `${word} is no command of segue`, {
    suggestions: [
      ...closestTo(word, [...known, ...topics]).map((name) => `did you mean segue ${name}?`),
      ...known
        .filter((name) => name.endsWith(`:${word}`))
        .map((name) => `did you mean segue ${name.replaceAll(':', ' ')}?`),
      'segue --help',
    ],
  });
};

function noVerb(topic: string, word: string, verbs: readonly string[]): AppError {
  return new AppError('bad-usage', `${word} is no verb of segue ${topic}; there are: ${verbs.join(', ')}`, {
    suggestions: [
      ...closestTo(word, verbs).map((verb) => `did you mean segue ${topic} ${verb}?`),
      `segue ${topic} --help`,
    ],
    details: { verbs },
  });
}

export default commandNotFound;
