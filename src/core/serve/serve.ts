/** `segue serve`: answers over HTTP until it is told to stop. */
import { readFileSync } from 'node:fs';
import { availableParallelism, networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Positive, Rank, SnapshotId, Some, TaskContext } from '../contracts.js';
import { AppError, errnoOf, machineError, orInputError, refusedOption } from '../errors.js';
import { serviceOptions } from '../options/catalogue/run-options.js';
import type { serve as operation } from '../options/operations.js';
import { askedOf } from '../options/operation.js';
import type { Asked } from '../options/option.js';
import { recipeQuery } from '../options/queries.js';
import { parseDuration } from '../numeric/duration.js';
import { Admission } from './admission.js';
import { makeToken, parseTokens, rights, tokenOf, type Guard, type Right, type Token } from './guard.js';
import { openLog, type RequestLog } from './log.js';
import { makeMetrics } from './metrics.js';
import { ServedRoot } from './served-root.js';
import { parseRoots, ServedRoots, withoutSignal } from './served-roots.js';
import { makeServer } from './server.js';
import { Service } from './service.js';

export interface ServeOptions extends Asked<typeof operation.options> {
  /** No route that writes is there, and no token is made. */
  readonly readOnly?: boolean;
  /** Given what reads the token file again, where there is one: to be called when that changed. A wrong file changes nothing. */
  readonly onHangUp?: ((readAgain: () => void) => void) | undefined;
  /** Called when it answers. */
  readonly onReady: (serving: Serving) => Promise<unknown>;
}

export interface Serving {
  readonly url: string;
  readonly host: string;
  readonly port: Positive;
  readonly roots: Some<{
    /** Of several; null for the only one. */
    readonly name: string | null;
    readonly root: string;
    /** What answers now. */
    readonly snapshot: SnapshotId;
    readonly epoch: Rank | null;
  }>;
  /** What writes needs it, and on other than loopback addresses what reads; null where they are in a file. */
  readonly token: string | null;
}

const atOncePerWorker = 64;
/** Timers have no more than 24 days, and end at once beyond that. */
const longestTimeMs = 86_400_000;
/** When it ends: long enough for what is on its way to arrive, and to be told so; and no longer than this, or than an answer may take. */
const endMs = { atLeast: 250, atMost: 10_000, reading: 2000 };
/** A drain ends early when for so long nobody came and no connection is open. */
const quietMs = 1000;

/**
 * Resolves when the context's signal has ended it, and all that was under way has its answer. AppErrors: those of opening a
 * snapshot; 'bad-input-file' for tokens; 'in-use' for a port that another program has.
 */
export async function serve(options: ServeOptions, context: TaskContext): Promise<void> {
  const { as, host, onReady, readOnly = false, fallback } = options;
  const timeoutMs = timeOf('timeout', options.timeout);
  const drainMs = timeOf('drain', options.drain, true);
  const workers = options.workers ?? availableParallelism();
  const directories = parseRoots(options.roots);
  const rootNames = [...directories.keys()].filter((name) => name !== undefined);
  const { guard, made } = guardOf(options, rootNames);
  const log = openLog({
    ...{ level: options.logLevel, file: options.logFile, details: options.logDetails },
    onFailure: ({ message }) =>
      context.onProgress({ kind: 'warning', message: `the log loses lines: ${message}` }),
  });
  const { tokenFile } = options;
  if (tokenFile !== undefined)
    options.onHangUp?.(() => {
      try {
        guard.tokens = readTokens(tokenFile, rootNames);
        log.root('info', undefined, `read ${guard.tokens.length} tokens again`);
      } catch (error) {
        warn(context, log, undefined, 'the tokens could not be read again, and those before hold', error);
      }
    });
  const roots = await ServedRoots.open(directories, (root, name) =>
    ServedRoot.open({ ...{ root, as, workers }, ...toldTo(log, name, context) }, withoutSignal(context)),
  );
  try {
    for (const [name, root] of roots.all) toldTo(log, name, context).onFeedback(root.feedbackFailure());
    const admission = new Admission({
      mostAtOnce: options.maxRequests ?? atOncePerWorker * Math.max(workers, 1),
      timeoutMs,
    });
    const service = new Service(roots, admission, placesOf([...directories.values()]), fallback);
    await requireFallback(roots, fallback, context);
    const app = await makeServer({
      service,
      guard,
      metrics: makeMetrics(roots, log),
      log,
      version: ownVersion(),
      writes: !readOnly,
    });
    const port = await listen(() => app.listen({ host, port: options.port }), options);
    await onReady({ ...{ host, port, url: urlOf(host, port) }, roots: rootsOf(roots), token: made ?? null });
    await aborted(context.signal);
    const { reason } = context.signal as { readonly reason: unknown };
    const isDrained = drainMs > 0 && reason instanceof AppError && reason.code === 'terminated';
    admission.drain(!isDrained);
    if (isDrained) {
      log.root('info', undefined, `draining: /readyz is 503, answers go on for at most ${options.drain}`);
      await quiet(app.server, drainMs);
    } else {
      await wait(endMs.atLeast);
    }
    // After a drain nobody should come any more; a refusal would be an answer.
    const closing = isDrained ? app.close() : undefined;
    await admission.settled(Math.max(endMs.atMost, timeoutMs));
    await closed(app, closing ?? app.close());
  } finally {
    await roots.close();
    await log.close();
  }
}

/** In ms. AppError 'bad-usage'. */
function timeOf(option: 'timeout' | 'drain', given: string, orNone = false): number {
  const ms = parseDuration(given, orNone);
  if (ms !== undefined && ms <= longestTimeMs) return ms;
  throw refusedOption(option, given, 'a time such as 10s or 0.5s, of at most 1d');
}

/** Settles after so many ms, or as soon as nobody came for a while and no connection is open. */
async function quiet(server: Server, mostMs: number): Promise<void> {
  const untilMs = performance.now() + mostMs;
  let cameMs = performance.now();
  const onArrival = (): void => {
    cameMs = performance.now();
  };
  server.on('connection', onArrival).on('request', onArrival);
  const count = promisify(server.getConnections.bind(server));
  while (performance.now() < untilMs) {
    if (performance.now() - cameMs >= quietMs && (await count()) === 0) return;
    await wait(Math.min(50, mostMs));
  }
}

/** Whoever still reads an answer may read it to its end, for a while. */
async function closed({ server }: FastifyInstance, closing: Promise<unknown>): Promise<void> {
  const timer = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), endMs.reading);
  await closing;
  clearInterval(timer);
  clearTimeout(late);
}

/** What would fail for each unknown user fails at the start: AppErrors of the recipe. */
async function requireFallback(
  roots: ServedRoots,
  recipe: string | undefined,
  context: TaskContext,
): Promise<void> {
  if (recipe === undefined || recipe === serviceOptions.servedFallback.fallback()) return;
  const asked = askedOf(recipeQuery, { recipe });
  for (const root of roots.all.values()) {
    const { reader, release } = await root.hold({});
    await reader.ask('recipe', asked, context).finally(release);
  }
}

/** Says a failure that ends nothing, in the log and to whoever started it. */
function warn(
  context: TaskContext,
  log: RequestLog,
  root: string | undefined,
  what: string,
  error: unknown,
): void {
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  log.root('warn', root, message);
  context.onProgress({ kind: 'warning', message });
}

function toldTo(log: RequestLog, name: string | undefined, context: TaskContext) {
  return {
    onChange(now: string, before: string) {
      log.root('info', name, `snapshot ${now} answers now, after ${before}`);
    },
    onFailure(error: unknown) {
      warn(context, log, name, 'what is current cannot be opened, and the one before answers', error);
    },
    onFeedback(failure: unknown) {
      const what = 'feedback cannot be read, so nothing is recommended, and /readyz is 503';
      if (failure !== undefined) warn(context, log, name, what, failure);
    },
  };
}

function rootsOf(roots: ServedRoots): Serving['roots'] {
  return [...roots.all].map(([name, { root, snapshot, state }]) => ({
    ...{ name: name ?? null, root, snapshot, epoch: state.epoch },
  }));
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** What no answer may name: the roots as they are given and as they are, and where segue and the process are. */
function placesOf(roots: readonly string[]): string[] {
  const own = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
  const places = [...roots.flatMap((root) => [resolve(root), root]), own, process.cwd()];
  // A short one may be a part of a word.
  return [...new Set(places)].filter((place) => place.length > 3).sort((a, b) => b.length - a.length);
}

function guardOf(
  { host, allowHost, tokenFile, requireToken, readOnly }: ServeOptions,
  rootNames: readonly string[],
): { guard: Guard; made: string | undefined } {
  const isLoopback = loopback.test(host);
  const own = host.includes(':') ? `[${host}]` : host;
  const isAny = anyAddress.test(host);
  const alsoOwn = [
    ...(isLoopback || isAny ? ['localhost', '127.0.0.1', '[::1]'] : []),
    ...(isAny ? ownAddresses() : []),
  ];
  const hosts = new Set([own, ...alsoOwn, ...allowHost].map((name) => name.toLowerCase()));
  const open = new Set<Right>(isLoopback && !requireToken ? ['read', 'listeners'] : []);
  if (tokenFile !== undefined)
    return { guard: { hosts, tokens: readTokens(tokenFile, rootNames), open }, made: undefined };
  if (readOnly === true) return { guard: { hosts, tokens: [], open }, made: undefined };
  const made = makeToken();
  return { guard: { hosts, tokens: [tokenOf(made, rights)], open }, made };
}

const anyAddress = /^(?:0\.0\.0\.0|::)$/;

/** Those of the machine, as a host is written in a request. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address));
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;

function readTokens(path: string, rootNames: readonly string[]): Token[] {
  return parseTokens(
    orInputError(path, () => readFileSync(path, 'utf8')),
    path,
    rootNames,
  );
}

async function listen(begin: () => Promise<string>, { host, port }: ServeOptions): Promise<number> {
  try {
    return Number(new URL(await begin()).port);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EADDRINUSE') {
      throw new AppError('in-use', `another program listens at ${host}, port ${port}`, {
        suggestions: ['another port: `port` N', 'any that is free: `port` 0'],
      });
    }
    if (errno === 'EADDRNOTAVAIL' || errno === 'ENOTFOUND' || errno === 'EAI_AGAIN')
      throw new AppError('bad-usage', `\`host\` ${JSON.stringify(host)}: this machine has no such address`);
    throw machineError(error, `listen at ${host}, port ${port}`);
  }
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolvePromise) => {
    signal.addEventListener('abort', () => resolvePromise(), { once: true });
  });
}
