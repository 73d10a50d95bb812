/** The example of a program that follows what is published, as docs/reference/publishing.md prints it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { smallRock } from '../helpers/small-rock.js';
import { makeFolder } from '../helpers/trained-root.js';
import type { Folder } from '../helpers/trained-root.js';

let folder: Folder;
beforeAll(async () => {
  folder = makeFolder();
  const { plays, items } = smallRock;
  await folder.segue(['train', plays, '--items', items, '--factors', '8', '--epochs', '2']);
  await folder.segue(['publish']);
});
afterAll(() => folder.remove());

it('answers, and lets the process end', () => {
  const repository = fileURLToPath(new URL('../..', import.meta.url));
  const page = readFileSync(join(repository, 'docs/reference/publishing.md'), 'utf8');
  const [, example = ''] = /^```ts\n(import \{ followCurrent[\s\S]*?)^```$/m.exec(page) ?? [];
  const program = example
    .replace("'@segue-music/segue'", "'#dist/core/library.js'")
    .replace("'.segue'", JSON.stringify(join(folder.path, 'root')));
  expect(program).toContain('followCurrent');
  const options = { cwd: repository, encoding: 'utf8', timeout: 900_000 } as const;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], options);
  expect(printed.match(/'[^']+'|"[^"]+"/g)).toHaveLength(10);
});
