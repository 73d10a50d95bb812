/** The files of examples/deploy: units as systemd reads them, and the commands of the image and of the deployment, run. */
import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { binPath, cleanEnv, runSegue } from '../helpers/run-segue.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const run = promisify(execFile);
const deploy = fileURLToPath(new URL('../../examples/deploy/', import.meta.url));
const plays = fileURLToPath(new URL('../../examples/classic-rock/plays.csv.gz', import.meta.url));
const read = (name: string): string => readFileSync(join(deploy, name), 'utf8');
const temporaryDirectory = temporaryDirectories('file');

interface Probe {
  readonly httpGet: {
    readonly path: string;
    readonly httpHeaders: readonly { readonly name: string; readonly value: string }[];
  };
}
interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly readinessProbe: Probe;
          readonly livenessProbe: Probe;
        }[];
      };
    };
  };
}
const container = (parse(read('kubernetes.yaml')) as Deployment).spec.template.spec.containers[0]!;

/** The lines of an instruction of the Dockerfile. */
const instructions = (name: string): string[] =>
  [...read('Dockerfile').matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, rest]) => rest!);
const wordsOf = (name: string): string[] => JSON.parse(instructions(name)[0]!) as string[];

/** What is in an image: segue on the path once its RUN lines have run, tokens as a secret, and the root. */
let folder = '';
let env: NodeJS.ProcessEnv = {};
beforeAll(async () => {
  folder = temporaryDirectory();
  mkdirSync(join(folder, 'path'));
  mkdirSync(join(folder, 'bin'));
  // A registry is not asked: what the package would put on the path is put there.
  const npm = `#!/bin/sh\n[ "$*" = "install --global @segue-music/segue" ] && ln -s '${binPath}' '${folder}/path/segue'\n`;
  writeFileSync(join(folder, 'bin/npm'), npm);
  chmodSync(join(folder, 'bin/npm'), 0o755);
  writeFileSync(join(folder, 'tokens'), 'c2VjcmV0LW9mLXRoZS1pbWFnZQ read\n');
  const path = [join(folder, 'bin'), join(folder, 'path'), dirname(process.execPath), process.env['PATH']];
  env = cleanEnv({ PATH: path.join(delimiter), SEGUE_ROOT: join(folder, '.segue'), SEGUE_DRAIN: '0s' });
  for (const line of instructions('RUN')) await run('sh', ['-c', line], { cwd: folder, env });
  const train = ['train', plays, '--factors', '4', '--epochs', '1'];
  for (const args of [train, ['publish']]) expect((await runSegue(args, { cwd: folder })).code).toBe(0);
}, 60_000);

/** Starts a service by these words, calls what asks it, and ends it as Docker and Kubernetes do. @returns its exit code */
async function whileServing(words: readonly string[], ask: (port: number) => Promise<void>): Promise<number> {
  const [command, ...args] = words.map((word) => word.replace('/run/secrets/segue-tokens', 'tokens'));
  const service = spawn(command!, [...args, '--port', '0'], { cwd: folder, env });
  const ended = new Promise<number>((resolve) => service.on('close', (code) => resolve(code ?? -1)));
  let text = '';
  const port = await new Promise<number>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /http:\/\/[\d.]+:(\d+)/.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    };
    service.stdout.on('data', look);
    service.stderr.on('data', look);
    service.on('close', () => reject(new Error(text)));
  });
  try {
    await ask(port);
  } finally {
    service.kill('SIGTERM');
  }
  return ended;
}

describe('examples/deploy', () => {
  it('has units that systemd reads without a word', { tags: ['systemd'] }, async () => {
    const units = readdirSync(deploy).filter((name) => /\.(service|timer)$/.test(name));
    expect(units.length).toBe(3);
    for (const name of units) {
      // They name where files are installed, which is not here.
      const here = read(name)
        .replace('/usr/local/bin/segue', process.execPath)
        .replace('/usr/local/lib/segue/nightly.sh', join(deploy, 'nightly.sh'));
      writeFileSync(join(folder, name), here);
    }
    const paths = units.map((name) => join(folder, name));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', ...paths]);
    expect(stdout + stderr).toBe('');
  });

  it('has an image whose command serves, is healthy, and ends when it is told to', async () => {
    const code = await whileServing([...wordsOf('ENTRYPOINT'), ...wordsOf('CMD')], async (port) => {
      const check = instructions('HEALTHCHECK')[0]!.replace(/^.*?CMD /, '');
      expect(check).toContain(`127.0.0.1:${instructions('EXPOSE')[0]!}/`);
      await run('sh', ['-c', check.replace(/:\d+\//, `:${port}/`)], { env });
      await expect(run('sh', ['-c', check.replace(/:\d+\//, ':1/')], { env })).rejects.toThrow();
    });
    expect(code).toBe(0);
  });

  it('has a deployment whose probes are answered', async () => {
    const code = await whileServing([...wordsOf('ENTRYPOINT'), ...container.args], async (port) => {
      for (const { httpGet } of [container.readinessProbe, container.livenessProbe]) {
        const headers = Object.fromEntries(httpGet.httpHeaders.map(({ name, value }) => [name, value]));
        const statusFor = (given: Record<string, string>): Promise<number | undefined> =>
          new Promise((resolve, reject) => {
            const options = { host: '127.0.0.1', port, path: httpGet.path, headers: given };
            get(options, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
          });
        expect(await statusFor(headers)).toBe(200);
        expect(await statusFor({ Host: 'another' })).toBe(421);
      }
    });
    expect(code).toBe(0);
  });
});
