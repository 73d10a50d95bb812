/** Files follow each other in a process: each begins with the environment and the directory that the first one had. */
import { afterAll } from 'vitest';

// Programs that tests start write the same text on a terminal, in a pipe, and where a CI asks for colours.
delete process.env['FORCE_COLOR'];
const before = { ...process.env };
const directory = process.cwd();

afterAll(() => {
  for (const name of Object.keys(process.env))
    if (!(name in before)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, before);
  process.chdir(directory);
});
