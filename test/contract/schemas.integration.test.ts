import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { it } from 'vitest';

it('schemas are what the types of results say: node scripts/make-schemas.mjs', async () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  await promisify(execFile)(process.execPath, ['scripts/make-schemas.mjs', '--check'], { cwd });
});
