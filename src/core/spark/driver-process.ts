/**
 * The Spark driver: a Python process of its own (src/spark/driver.py), asked in frames over a loopback socket. Not over
 * descriptors that it would inherit: spark-submit is Java, which closes all but the first three in what it starts. Whoever
 * connects has to know a secret, which the driver has by its environment.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { abortError, AppError, errnoOf, machineError } from '../errors.js';
import { readFrames, writeFrame, type Frame, type Head } from './frames.js';
import { launchConf, redaction } from './spark-conf.js';
import { sparkFailure } from './spark-failure.js';
import type { SparkOptions } from './spark-options.js';
import { errorIn } from './worker-jobs.js';

const program = fileURLToPath(new URL('../../spark/driver.py', import.meta.url));

/** How long the driver may take to end the application, once it is to. */
const stopMs = 15_000;
/** What is kept of its log. */
const logBytes = 1 << 16;

interface Waiting {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: unknown) => void;
}

export class SparkDriver {
  readonly #child: ChildProcess;
  readonly #server: Server;
  readonly #signal: AbortSignal;
  readonly #redact: (text: string) => string;
  /** Resolves with how it ended, in words, or with the error of its start. */
  readonly #ended: Promise<string | AppError>;
  readonly #waiting = new Map<number, Waiting>();
  #socket: Socket | undefined;
  #sending: Promise<void> = Promise.resolve();
  #log = '';
  #lastId = 0;
  #isClosed = false;

  /** Resolves once the driver has connected. AppErrors 'engine-missing', 'engine-too-old', 'engine-failed'. */
  static async start(
    options: SparkOptions,
    conf: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<SparkDriver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const secret = randomBytes(32).toString('hex');
    const driver = new SparkDriver(server, launch(options, conf, port, secret), redaction(conf), signal);
    try {
      await driver.#connected(secret);
      return driver;
    } catch (error) {
      await driver.close();
      throw error;
    }
  }

  private constructor(
    server: Server,
    child: ChildProcess,
    redact: (text: string) => string,
    signal: AbortSignal,
  ) {
    this.#server = server;
    this.#child = child;
    this.#redact = redact;
    this.#signal = signal;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-logBytes);
      });
    }
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        resolve(notStarted(error, child.spawnfile));
      });
      child.once('close', (code, by) => {
        resolve(by === null ? `ended with exit code ${code ?? 0}` : `was ended by ${by}`);
      });
    });
    signal.addEventListener('abort', this.#abort);
  }

  /** What the driver answers to `op`. Its AppError, or that of its end; the signal's, when it is aborted. */
  async request(op: string, head: Head, blobs: readonly Uint8Array[] = []): Promise<Frame> {
    if (this.#signal.aborted) throw abortError(this.#signal);
    const socket = this.#socket;
    if (socket === undefined || this.#isClosed) throw new Error(`${op} is asked of a driver that is closed`);
    if (socket.destroyed) throw await this.#failure('');
    const id = ++this.#lastId;
    const answered = new Promise<Frame>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    // One after the other, so that what waits to be sent is not in memory twice. Where the socket breaks, all who wait are told.
    const send = (): Promise<void> => writeFrame(socket, { head: { ...head, op, id }, blobs });
    this.#sending = this.#sending.then(send).catch(() => undefined);
    const answer = await answered;
    const error = errorIn(answer.head);
    if (error !== undefined)
      throw new AppError(error.code, this.#redact(error.message), { suggestions: error.suggestions });
    const { failure } = answer.head;
    if (typeof failure === 'string') throw sparkFailure(this.#redact(failure), this.#redact(this.#log));
    return answer;
  }

  /** Cancels what runs, and ends the application; resolves once the process is gone. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#signal.removeEventListener('abort', this.#abort);
    this.#server.close();
    // The driver ends with it.
    this.#socket?.destroy();
    if (this.#socket === undefined) this.#kill('SIGTERM');
    for (const by of ['SIGTERM', 'SIGKILL'] as const) {
      const isGone = await Promise.race([
        this.#ended.then(() => true),
        setTimeout(stopMs, false, { ref: false }),
      ]);
      if (isGone) break;
      this.#kill(by);
    }
    await this.#ended;
  }

  readonly #abort = (): void => {
    this.#rejectAll(abortError(this.#signal));
  };

  #rejectAll(error: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** Java and Python, which are a group of their own: Ctrl-C of a terminal reaches only this process. */
  #kill(by: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, by);
    } catch (error) {
      if (errnoOf(error) !== 'ESRCH') throw error;
    }
  }

  async #connected(secret: string): Promise<void> {
    const connected = new Promise<void>((resolve) => {
      this.#server.on('connection', (socket) => {
        void this.#listenTo(socket, secret, resolve);
      });
    });
    const aborted = once(this.#signal, 'abort').then(() => {
      throw abortError(this.#signal);
    });
    // Once it is connected, nobody waits for it.
    aborted.catch(() => undefined);
    if (this.#signal.aborted) throw abortError(this.#signal);
    const ended = this.#ended.then(async () => {
      throw await this.#failure('');
    });
    ended.catch(() => undefined);
    await Promise.race([connected, ended, aborted]);
    this.#server.close();
  }

  async #listenTo(socket: Socket, secret: string, isDriver: () => void): Promise<void> {
    socket.on('error', () => socket.destroy());
    try {
      for await (const { head, blobs } of readFrames(socket)) {
        if (this.#socket === undefined) {
          if (!isEqual(head['secret'], secret)) break;
          this.#socket = socket.setNoDelay(true);
          isDriver();
          continue;
        }
        const waiting = this.#waiting.get(Number(head['id']));
        this.#waiting.delete(Number(head['id']));
        waiting?.resolve({ head, blobs });
      }
    } catch {
      // A frame that was cut off: the driver is gone.
    }
    socket.destroy();
    if (this.#socket === socket && !this.#isClosed) this.#rejectAll(await this.#failure(''));
  }

  /** The error of its end: by what it printed last. */
  async #failure(said: string): Promise<AppError> {
    const end = await Promise.race([this.#ended, setTimeout(stopMs, 'does not answer', { ref: false })]);
    if (end instanceof AppError) return end;
    return sparkFailure(said, this.#redact(`${this.#log}\nthe Spark driver ${end}`));
  }
}

function notStarted(error: Error, command: string): AppError {
  if (errnoOf(error) !== 'ENOENT') return machineError(error, `start ${command}`);
  return new AppError('engine-missing', `no program ${command}, which is to start Spark`, {
    suggestions: [
      'install Python 3.8 or newer with pyspark 3.5 or newer, or name one that has it: `python` PATH',
      'or name a spark-submit: `sparkSubmit` PATH',
    ],
  });
}

function isEqual(given: unknown, secret: string): boolean {
  return (
    typeof given === 'string' &&
    given.length === secret.length &&
    timingSafeEqual(Buffer.from(given), Buffer.from(secret))
  );
}

function launch(
  { sparkMaster, sparkSubmit, python }: SparkOptions,
  conf: ReadonlyMap<string, string>,
  port: number,
  secret: string,
): ChildProcess {
  const master = sparkMaster === undefined ? [] : ['--master', sparkMaster];
  const submitted = [...master, ...launchConf(conf)];
  const { PYSPARK_DRIVER_PYTHON, PYSPARK_PYTHON } = process.env;
  const ofDriver = python ?? PYSPARK_DRIVER_PYTHON ?? PYSPARK_PYTHON ?? 'python3';
  // Executors start it elsewhere: a path from here is none there.
  const ofExecutors =
    conf.get('spark.pyspark.python') ??
    PYSPARK_PYTHON ??
    (ofDriver.includes('/') ? resolve(ofDriver) : ofDriver);
  const env = {
    ...process.env,
    PYSPARK_PYTHON: ofExecutors,
    PYSPARK_DRIVER_PYTHON: ofDriver,
    // What imports this package's own modules leaves nothing beside them.
    PYTHONDONTWRITEBYTECODE: '1',
    SEGUE_SPARK_PORT: String(port),
    SEGUE_SPARK_SECRET: secret,
  };
  const [command, args, more] =
    sparkSubmit === undefined
      ? [ofDriver, [program], { PYSPARK_SUBMIT_ARGS: [...submitted.map(quoted), 'pyspark-shell'].join(' ') }]
      : [sparkSubmit, ['--deploy-mode', 'client', ...submitted, program], {}];
  return spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...env, ...more },
  });
}

/** As Python's shlex takes it apart. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}
