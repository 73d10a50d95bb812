import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import Evaluate from '#dist/commands/evaluate.js';
import Import from '#dist/commands/import.js';
import Train from '#dist/commands/train.js';
import Tune from '#dist/commands/tune.js';
import UserVector from '#dist/commands/user-vector.js';
import { runHere } from '../helpers/run-here.js';
import { binPath } from '../helpers/run-segue.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
let folder = '';
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = makeDirectory();
  // Doubtful without --no-header, and not UTF-8 without --encoding.
  writeFileSync(path('events.csv'), Buffer.from('anna,caf\xe9\nben,\xe9lan\n', 'latin1'));
  writeFileSync(path('words.vec'), '2 2\ncafé 1 0\nélan 0 1\n');
  const options = ['--encoding', 'latin1', '--no-header', '--factors', '2', '--epochs', '1', '--json'];
  await runHere(['train', path('events.csv'), '--root', path('root'), ...options]);
});

const commands = {
  train: (flags: string[]) => Train.run([path('events.csv'), '--dry-run', ...flags], binPath),
  evaluate: (flags: string[]) => Evaluate.run([path('events.csv'), ...flags], binPath),
  tune: (flags: string[]) => Tune.run([path('events.csv'), ...flags], binPath),
  import: (flags: string[]) =>
    Import.run([path('words.vec'), '--events', path('events.csv'), '--dry-run', ...flags], binPath),
  'user-vector': (flags: string[]) =>
    UserVector.run(['--events', path('events.csv'), '--snapshot', 'latest', ...flags], binPath),
};

it.each(Object.entries(commands))(
  '--delimiter, --no-header and --encoding reach what %s reads',
  async (_, run) => {
    const root = ['--root', path('root')];
    const messageOf = async (...flags: string[]): Promise<string> => {
      try {
        await run([...root, ...flags]);
        return '';
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    };
    expect(await messageOf('--encoding', 'no-such')).toBe('`encoding` "no-such" is not a known encoding');
    expect(await messageOf('--encoding', 'latin1')).toContain(
      'first line that could be a header or an event: "anna", "café"',
    );
    expect(await messageOf('--delimiter', '"')).toContain('`delimiter` "\\"" cannot separate columns');
    expect(await messageOf('--encoding', 'latin1', '--no-header', '--delimiter', '::')).toContain(
      'has one column when split at "::", and its first line looks separated by ","',
    );
    expect(await messageOf('--no-header')).toContain('line 1: item is not UTF-8');
    expect(await messageOf('--encoding', 'latin1', '--no-header')).not.toMatch(/encoding|header|UTF-8/);
  },
);
