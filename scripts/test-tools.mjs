// What tests need beyond Node and npm (test/tools.json): which of it is here; and, by `node scripts/test-tools.mjs install`, what is
// missing, from Debian as root, and from PyPI into environments that are kept in SEGUE_CACHE for the next run.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('..', import.meta.url));
const tries = 3;
const mostSeconds = { probe: 60, debian: 600, python: 900 };

export const tools = JSON.parse(readFileSync(join(repository, 'test/tools.json'), 'utf8'));

export async function missingTools() {
  const here = await Promise.all(tools.map(isHere));
  return tools.filter((_, at) => !here[at]);
}

async function isHere({ probe, version }) {
  const { code, stdout } = await sh(probe, { seconds: mostSeconds.probe });
  return code === 0 && (version === undefined || isAtLeast(/\d+(\.\d+)+/.exec(stdout)?.[0] ?? '', version));
}

function isAtLeast(version, wanted) {
  return version.localeCompare(wanted, 'en', { numeric: true }) >= 0;
}

/** A command line of a shell, which is killed with what it started after so many seconds. */
function sh(command, { seconds, shown = false }) {
  return new Promise((resolve) => {
    const stdio = ['ignore', shown ? 'inherit' : 'pipe', shown ? 'inherit' : 'ignore'];
    const child = spawn('sh', ['-c', command], { cwd: repository, stdio, detached: true });
    const kill = () => process.kill(-child.pid, 'SIGKILL');
    const timer = setTimeout(kill, seconds * 1000);
    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout });
    });
  });
}

/** Tries three times; whether it succeeded. */
async function install(what, command, seconds) {
  for (let at = 1; at <= tries; at++) {
    console.log(`installing ${what}${at > 1 ? `, try ${at} of ${tries}` : ''}`);
    if ((await sh(command, { seconds, shown: true })).code === 0) return true;
  }
  console.error(`could not install ${what} in ${tries} tries of ${seconds} s at most`);
  return false;
}

async function installDebian(packages) {
  if (packages.length === 0) return;
  if (process.getuid() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`not installed, since that takes root and apt-get: ${packages.join(' ')}`);
    return;
  }
  const quiet =
    'DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 -o Acquire::http::Timeout=60';
  const command = `${quiet} update && ${quiet} install -y --no-install-recommends ${packages.join(' ')}`;
  await install(packages.join(' '), command, mostSeconds.debian);
}

/** An environment of Python with what a file requires, made once for its content, and linked at `folder`. */
async function installPython({ folder, requirements }) {
  const wanted = readFileSync(join(repository, requirements), 'utf8');
  const included = [...wanted.matchAll(/^-r (.*)$/gm)].map(([, path]) =>
    readFileSync(join(repository, dirname(requirements), path), 'utf8'),
  );
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable, sys.version)'], {
    encoding: 'utf8',
  });
  const key = createHash('sha256')
    .update(JSON.stringify([wanted, included, python]))
    .digest('hex')
    .slice(0, 16);
  const kept = join(process.env.SEGUE_CACHE ?? join(homedir(), '.cache/segue-tests'), `python-${key}`);
  if (!existsSync(kept)) {
    const draft = `${kept}.draft`;
    mkdirSync(dirname(kept), { recursive: true });
    const pip = `"${draft}/bin/python3" -m pip install --quiet --disable-pip-version-check --retries 3 --timeout 60`;
    const command = `rm -rf "${draft}" && python3 -m venv "${draft}" && ${pip} -r ${requirements}`;
    if (!(await install(requirements, command, mostSeconds.python))) return;
    // What pip writes names the folder that it was made in, in the first line of scripts.
    execFileSync('sh', ['-c', `grep -lIrF "${draft}" "${draft}/bin" | xargs sed -i "s#${draft}#${kept}#g"`]);
    renameSync(draft, kept);
  }
  mkdirSync(join(repository, dirname(folder)), { recursive: true });
  rmSync(join(repository, folder), { recursive: true, force: true });
  symlinkSync(kept, join(repository, folder));
}

if (process.argv[2] === 'install') {
  const missing = await missingTools();
  const needsPip = missing.some(({ python }) => python) ? await pipIsMissing() : [];
  await installDebian([...new Set([...missing.flatMap(({ debian }) => debian ?? []), ...needsPip])]);
  const environments = new Map(missing.flatMap(({ python }) => (python ? [[python.folder, python]] : [])));
  for (const environment of environments.values()) await installPython(environment);
}

async function pipIsMissing() {
  const { code } = await sh('python3 -c "import ensurepip"', { seconds: mostSeconds.probe });
  return code === 0 ? [] : ['python3', 'python3-venv'];
}
