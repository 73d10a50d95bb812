/** A service that a test asks over HTTP: in this process, or as a shell runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Progress } from '#dist/core/contracts.js';
import { serve, type ServeOptions, type Serving } from '#dist/core/serve/serve.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: any;
}

export interface Asker {
  readonly url: string;
  readonly token: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** With the token, unless headers say otherwise. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Service extends Asker {
  readonly serving: Serving;
  /** Ends it as a signal does; without a reason at once. */
  close(reason?: Error): Promise<void>;
}

/** In this process, at a port that is free. */
export async function startService(
  roots: readonly string[],
  options: Partial<ServeOptions> = {},
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<Service> {
  const ending = new AbortController();
  let onReady = (_: Serving): void => undefined;
  const ready = new Promise<Serving>((resolve) => {
    onReady = resolve;
  });
  const whole: ServeOptions = {
    ...{ roots, host: '127.0.0.1', port: 0, allowHost: [], requireToken: false },
    ...{
      fallback: 'popular',
      timeout: '10m',
      drain: '0s',
      logLevel: 'silent',
      logDetails: false,
      workers: 1,
    },
    ...options,
    onReady(serving) {
      onReady(serving);
      return Promise.resolve();
    },
  };
  const context = { signal: ending.signal, onProgress };
  const ended = serve(whole, context);
  const serving = await Promise.race([ready, ended.then(() => Promise.reject(new Error('it ended')))]);
  return {
    serving,
    ...askerAt(serving.url, serving.token ?? ''),
    async close(reason) {
      ending.abort(reason);
      await ended;
    },
  };
}

function askerAt(url: string, token: string): Asker {
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    const body: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, body };
  };
  return {
    ...{ url, token },
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

export interface ServiceProcess extends Asker {
  readonly pid: number;
  /** Sends the signal; the exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | string>;
  stderr(): string;
}

/** `segue serve` in a process of its own. `by` is a command line that runs what follows it. */
export async function spawnService(
  root: string,
  flags: readonly string[] = [],
  { readsStderr = true, by = [] as readonly string[] } = {},
): Promise<ServiceProcess> {
  const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
  const port = flags.includes('--port') ? [] : ['--port', '0'];
  // A busy machine may need longer than what is usual; and few tests are about balancers.
  const drain = flags.includes('--drain') ? [] : ['--drain', '0s'];
  const args = [bin, 'serve', '--root', root, ...port, ...drain, '--timeout', '10m', '--json', ...flags];
  const [program, ...rest] = [...by, process.execPath, ...args];
  const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  if (readsStderr) child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exit = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    exit.then((code) => Promise.reject(new Error(`it ended with ${code}: ${stderr}`))),
  ]);
  const { url, token } = JSON.parse(line) as Partial<Serving>;
  if (url === undefined) throw new Error(`it ended with ${await exit}: ${line}`);
  return {
    ...askerAt(url, token ?? ''),
    pid: child.pid!,
    end(signal) {
      child.kill(signal);
      return exit;
    },
    stderr: () => stderr,
  };
}
