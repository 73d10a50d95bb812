#!/usr/bin/env node
// Every segue starts here. Nothing is imported before Node's version is known to do, so that an old one gets a sentence
// instead of a syntax error.
import { readFileSync } from 'node:fs';
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Error: segue needs Node 20.19 or newer, and this is Node ${process.versions.node}\n`);
  process.exit(2);
}

// Keeps compiled code between runs where Node can (22.8 and newer).
module.enableCompileCache?.();

try {
  if (process.argv[2] === '__complete') await completeAndExit();
  await startAgainIfLimited();
  const { main } = await import('../dist/cli/main.js');
  await main(process.argv.slice(2), {
    root: new URL('..', import.meta.url),
    importCommand: (file) => import(`../dist/commands/${file}.js`),
  });
} catch (error) {
  // main reports whatever fails inside it: what arrives here is that segue itself could not be loaded.
  const refused = error?.code === 'EMFILE' || error?.code === 'ENFILE';
  const code = refused ? 'io-error' : 'bug';
  const message = `segue could not start: ${refused ? `too many files are open (${error.code})` : (error?.message ?? error)}`;
  const todo = refused
    ? 'raise the limit of open files: ulimit -n 4096'
    : 'in a clone, npm run build makes what is missing';
  if (process.argv.includes('--json')) {
    process.stdout.write(
      `${JSON.stringify({ error: { code, message, suggestions: [todo], details: {} } })}\n`,
    );
  } else {
    process.stderr.write(`Error: ${message}\n  → ${todo}\n`);
  }
  process.exit(refused ? 7 : 70);
}

/** A shell waits for it at every Tab, and shows nothing of what went wrong: it loads as little as it can. */
async function completeAndExit() {
  const { complete } = await import('../dist/cli/completion/complete.js');
  process.stdout.write(complete(process.argv.slice(3), new URL('..', import.meta.url)));
  process.exit(0);
}

/** Where addresses are limited (ulimit -v) segue needs another way to be started. Reading this takes 0.2 ms. */
async function startAgainIfLimited() {
  if (process.platform !== 'linux') return;
  let limits = '';
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    // Without /proc nothing is known of limits.
  }
  if (!/^Max address space\s+\d/m.test(limits)) return;
  const again = await import('../dist/cli/start-again.js');
  await again.startAgainIfLimited(limits);
}
