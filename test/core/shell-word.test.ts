import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellWord } from '#dist/core/shell-word.js';

it.each([
  'plays.csv',
  'my plays.csv',
  "it's",
  '$HOME',
  'a;b',
  '*.tsv',
  '',
  '--reg=-1',
  'linear:2',
  '"q"\\n',
  'Björk',
])('a shell reads back %j', (word) => {
  expect(execFileSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word);
});

it('leaves plain words plain', () => {
  expect(shellWord('--unobserved-ratio')).toBe('--unobserved-ratio');
});
