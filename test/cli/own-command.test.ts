import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { findOwnCommand, type OwnCommand } from '#dist/cli/own-command.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
let root: URL;
beforeAll(() => {
  const folder = makeDirectory();
  for (const topic of ['snapshots', 'leases', 'items']) {
    mkdirSync(join(folder, 'dist/commands', topic), { recursive: true });
  }
  for (const file of [
    'similar',
    'front-page',
    'snapshots/list',
    'snapshots/show',
    'leases/show',
    'items',
    'items/show',
  ]) {
    writeFileSync(join(folder, 'dist/commands', `${file}.js`), '');
  }
  root = pathToFileURL(`${folder}/`);
});

describe('the words of a command line', () => {
  it.each<[string, OwnCommand]>([
    ['similar', { name: 'similar', file: 'similar', argv: [] }],
    ['similar Plush -k 3', { name: 'similar', file: 'similar', argv: ['Plush', '-k', '3'] }],
    ['snapshots show x', { name: 'snapshots show', file: 'snapshots/show', argv: ['x'] }],
    ['items show x', { name: 'items show', file: 'items/show', argv: ['x'] }],
    ['items x show', { name: 'items', file: 'items', argv: ['x', 'show'] }],
    ['items -- show', { name: 'items', file: 'items', argv: ['--', 'show'] }],
    ['snapshots', { name: 'snapshots list', file: 'snapshots/list', argv: [] }],
    ['--root x --json', { name: '', file: 'front-page', argv: ['--root', 'x', '--json'] }],
    ['--root=x --quiet', { name: '', file: 'front-page', argv: ['--root=x', '--quiet'] }],
    ['snapshots -n 3', { name: 'snapshots list', file: 'snapshots/list', argv: ['-n', '3'] }],
  ])('%s', (line, command) => expect(findOwnCommand(line.split(' '), root)).toEqual(command));

  it('none of which there are call the front page', () => {
    expect(findOwnCommand([], root)).toEqual({ name: '', file: 'front-page', argv: [] });
  });

  it.each([
    ...[
      'front-page',
      '--root x similar Plush',
      '--json similar',
      '-k',
      '',
      'similr',
      'snapshots nonsense',
      'leases',
      '--help',
      'help similar',
      'similar:x',
    ],
    ...['../commands/similar', 'snapshots/show', 'snapshots ../similar', '.. similar', 'list'],
  ])('that call nothing of ours: %j', (line) => {
    expect(findOwnCommand(line.split(' '), root)).toBeUndefined();
  });
});
