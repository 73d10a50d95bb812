/** oclif's hook for a word that is no command: a usage error like any other (exit 2, also with --json). */
import type { Hook } from '@oclif/core/hooks';
import { AppError } from '../core/errors.js';
import { closestTo } from './closest.js';

const commandNotFound: Hook<'command_not_found'> = function ({ id, config }) {
  const known = config.commands.filter((command) => !command.hidden).map((command) => command.id);
  // oclif joins words with colons: `segue simlar Plush` may arrive as simlar:Plush.
  const first = id.split(':')[0] ?? id;
  const word = known.includes(first) ? id : first;
  if (word.startsWith('-')) {
    throw new AppError('bad-usage', `${word} stands where a command is wanted`, {
      suggestions: ['flags come after the command: segue COMMAND [FLAGS]', 'segue --help'],
    });
  }
  throw new AppError('bad-usage', `${word} is no command of segue`, {
    suggestions: [...closestTo(word, known).map((name) => `did you mean segue ${name}?`), 'segue --help'],
  });
};

export default commandNotFound;
