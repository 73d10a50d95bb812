/** oclif's hook for a word that is no command: a usage error like any other (exit 2, also with --json). */
import { join } from 'node:path';
import type { Hook } from '@oclif/core/hooks';
import { AppError } from '../core/errors.js';
import { closestTo } from './terminal/closest.js';
import { didYouMean, meantByCommand } from './terminal/synonyms.js';

const commandNotFound: Hook<'command_not_found'> = function ({ id, config }) {
  const known = config.commands.filter((command) => !command.hidden).map((command) => command.id);
  // oclif joins words with colons: `segue simlar Plush` may arrive as simlar:Plush.
  const [first = id, second] = id.split(':');
  const verbs = known.filter((name) => name.startsWith(`${first}:`)).map((name) => name.split(':')[1] ?? '');
  if (verbs.length > 0 && second !== undefined) throw noVerb(first, second, verbs.sort());
  const word = known.includes(first) ? id : first;
  if (word.startsWith('-')) {
    throw new AppError('bad-usage', `${word} comes before the command`, {
      suggestions: ['flags come after the command: segue COMMAND [FLAGS]', 'segue --help'],
    });
  }
  const synonym = meantByCommand(word);
  const topics = known.flatMap((name) => (name.includes(':') ? name.split(':').slice(0, 1) : []));
  const meant =
    synonym === undefined
      ? [
          ...closestTo(word, [...known, ...topics]),
          ...known.filter((name) => name.endsWith(`:${word}`)).map((name) => name.replaceAll(':', ' ')),
        ].map(didYouMean)
      : [synonym.replace('docs/', join(config.root, 'docs/'))];
  throw new AppError('bad-usage', `${word} is not a segue command`, {
    suggestions: [...meant, 'segue --help'],
  });
};

function noVerb(topic: string, word: string, verbs: readonly string[]): AppError {
  const synonym = meantByCommand(word, topic);
  const meant =
    synonym === undefined ? closestTo(word, verbs).map((verb) => didYouMean(`${topic} ${verb}`)) : [synonym];
  return new AppError('bad-usage', `segue ${topic} has no subcommand ${word}; it has: ${verbs.join(', ')}`, {
    suggestions: [...meant, `segue ${topic} --help`],
    details: { verbs },
  });
}

export default commandNotFound;
