import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const repository = new URL('../..', import.meta.url).pathname;

it('the demo publishes before it asks, warns of nothing, and fits 80 columns where it types', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['scripts/demo.mjs'], {
    cwd: repository,
  });
  expect(stderr).not.toContain('Warning');
  const typed = stdout.split('\n').filter((line) => /^[$#] | \\$|^ {4}--/.test(line));
  expect(typed.filter((line) => line.length > 80)).toEqual([]);
  const commands = typed.flatMap((line) => /^\$ bin\/run\.js (\S+)/.exec(line)?.[1] ?? []);
  expect(commands.slice(0, 6)).toEqual([
    ...['train', 'build-index', 'publish', 'similar', 'similar', 'recommend'],
  ]);
  expect(stdout).toContain('because of "Plush"');
});
