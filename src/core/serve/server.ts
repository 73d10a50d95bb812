/** The service over HTTP: limits on what is sent, who may ask, and failures in one form. The routes are in files of their own. */
import { isUtf8 } from 'node:buffer';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import swagger from '@fastify/swagger';
import { Ajv } from 'ajv';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { requireOwnHost, requireRight, type Guard, type Request, type Right } from './guard.js';
import type { RequestLog } from './log.js';
import type { Metrics } from './metrics.js';
import { openApiOptions } from './openapi.js';
import { addPages } from './pages.js';
import { HttpError, unreadProblem } from './problems.js';
import { requestIdHeader, requestIdOf } from './request-id.js';
import { addQueries } from './query-routes.js';
import { addRecipes } from './recipe-routes.js';
import { rootNameOf, type Service } from './service.js';
import { addMap } from './map-routes.js';
import { addStatus } from './status-routes.js';
import { addWriting } from './writing-routes.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a token has to permit; undefined: nothing. */
    readonly right?: Right;
    /** Reads a body; default: JSON.parse. */
    parse?(text: string): unknown;
  }
}

export interface ServerOptions {
  readonly service: Service;
  readonly guard: Guard;
  readonly metrics: Metrics;
  readonly log: RequestLog;
  readonly version: string;
  /** Whether there are routes that keep what listeners do and say. */
  readonly writes: boolean;
}

const problemType = 'application/problem+json; charset=utf-8';
/** For so long after the longest answer nothing may move on a connection with a request. */
const stalledMs = 20_000;
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

/** Not listening yet. */
export async function makeServer(options: ServerOptions): Promise<FastifyInstance> {
  const { service, guard, metrics, log, version, writes } = options;
  const app = Fastify({
    bodyLimit: 1 << 20,
    // Whoever sends slowly is not waited for.
    requestTimeout: 10_000,
    keepAliveTimeout: 30_000,
    http: { headersTimeout: 5000, connectionsCheckingInterval: 1000, maxHeaderSize: 16_384 },
    // Nor whoever does not read: it would have a connection for ever.
    connectionTimeout: service.admission.timeoutMs + stalledMs,
    routerOptions: { maxParamLength: 4096 },
    requestIdHeader: false,
    genReqId: ({ headers }) => requestIdOf(headers),
    forceCloseConnections: false,
    return503OnClosing: false,
    frameworkErrors(error, request, reply) {
      // Hooks do not run for an address that no route can have.
      begin(request, reply);
      void refuse(refusedHost(guard, request) ?? error, request, reply);
    },
    clientErrorHandler: (error, socket) => refuseUnread(error, socket, log),
  });
  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    watch(request, reply, metrics, log);
    void reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
    void reply.header(requestIdHeader, request.id);
    closeWhenDraining(reply);
  };
  /** So that nobody asks again on a connection that is about to end, nor takes that end for a failure. */
  const closeWhenDraining = (reply: FastifyReply): void => {
    if (service.admission.isDraining) void reply.header('connection', 'close');
  };
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = service.problemOf(error);
    if (problem.status >= 500) metrics.refused(problem.code);
    if (problem.status >= 500 && ![503, 504].includes(problem.status))
      log.failed(error, patternOf(request), request.id);
    if ([412, 503, 504].includes(problem.status)) void reply.header('retry-after', '1');
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    return reply
      .code(problem.status)
      .header('content-type', problemType)
      .serializer(String)
      .send(JSON.stringify({ ...problem, requestId: request.id }));
  };
  app.server.maxConnections = 4096;
  checkStrictly(app);
  takeOnlyJson(app);
  app.setErrorHandler(refuse);
  app.setNotFoundHandler(({ method }) => {
    if (!app.supportedMethods.includes(method))
      throw new HttpError(501, 'no-such-method', `no route takes the method ${method}`);
    throw new HttpError(404, 'no-such-route', 'there is no such route', ['/openapi.json has them all']);
  });
  app.addHook('onRequest', (request, reply, done) => {
    begin(request, reply);
    requireText(request.url);
    requireOwnHost(guard, requestOf(request));
    const { right } = request.routeOptions.config;
    const root = rootNameOf(request.params);
    if (right !== undefined) requireRight(guard, right, requestOf(request), root);
    // It is not there, before anything is wrong with what is asked of it.
    if (root !== undefined) service.roots.get(root);
    done();
  });
  // What was asked before, too.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    closeWhenDraining(reply);
    done();
  });
  const allowed = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = allowed.get(url) ?? new Set();
    for (const each of [method].flat()) known.add(each);
    allowed.set(url, known);
  });
  await app.register(swagger, openApiOptions(version));
  addQueries(app, service);
  addMap(app, service);
  addRecipes(app, service);
  if (writes) addWriting(app, service);
  addStatus(app, service, metrics, version);
  addPages(app, { writes });
  refuseOtherMethods(app, allowed);
  await app.ready();
  return app;
}

function refusedHost(guard: Guard, request: FastifyRequest): unknown {
  try {
    requireOwnHost(guard, requestOf(request));
    return undefined;
  } catch (error) {
    return error;
  }
}

interface UnreadError extends Error {
  readonly code?: string;
  /** What was sent, as a buffer, where there is some. */
  readonly rawPacket?: unknown;
}

/** Of what is no request, or came too slowly or too large to be one, nobody but the connection knows. */
function refuseUnread({ code, rawPacket }: UnreadError, socket: Socket, log: RequestLog): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const problem = unreadProblem(code, Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1') : '');
  const requestId = requestIdOf({});
  const text = JSON.stringify({ ...problem, requestId });
  log.unread(requestId, problem.status, problem.code);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]!}`,
    ...[`content-type: ${problemType}`, `content-length: ${Buffer.byteLength(text)}`, 'connection: close'],
    `${requestIdHeader}: ${requestId}`,
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${text}`);
  socket.destroy();
}

/** What stands in an address is text, of which numbers are made; what is in a body has the type that it has. */
function checkStrictly(app: FastifyInstance): void {
  const options = {
    useDefaults: false,
    removeAdditional: false,
    strict: false,
    strictNumbers: true,
  } as const;
  const ofBodies = new Ajv(options);
  const ofAddresses = new Ajv({ ...options, coerceTypes: 'array' });
  app.setValidatorCompiler<object>(({ schema, httpPart }) =>
    (httpPart === 'body' ? ofBodies : ofAddresses).compile(schema),
  );
}

/** A page of another site cannot send JSON unasked. */
function takeOnlyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (!isUtf8(body as Buffer)) {
      done(new HttpError(400, 'not-json', 'the body is not UTF-8'));
      return;
    }
    const { parse = JSON.parse } = request.routeOptions.config;
    try {
      done(null, parse(String(body)));
    } catch {
      done(new HttpError(400, 'not-json', 'the body is not JSON'));
    }
  });
}

function watch(request: FastifyRequest, reply: FastifyReply, metrics: Metrics, log: RequestLog): void {
  const startedMs = performance.now();
  const end = metrics.begin(patternOf(request));
  reply.raw.once('close', () => {
    end(reply.statusCode);
    log.answered(request, patternOf(request), reply.statusCode, performance.now() - startedMs);
  });
}

/** 405 for each method that a route does not have. */
function refuseOtherMethods(app: FastifyInstance, allowed: ReadonlyMap<string, ReadonlySet<string>>): void {
  // Adding a route adds to what is allowed.
  for (const [url, known] of [...allowed].map(([path, has]) => [path, [...has]] as const)) {
    const others = methods.filter((method) => !known.includes(method));
    app.route({
      ...{ method: others, url, schema: { hide: true } },
      onRequest(_request, reply) {
        void reply.header('allow', known.join(', '));
        throw new HttpError(405, 'no-such-method', `this route takes ${known.join(' and ')}`);
      },
      handler: () => undefined,
    });
  }
}

/** HttpError 400 where escapes of an address are not UTF-8: something else would be read of them. */
function requireText(url: string): void {
  try {
    url.replaceAll(/(?:%[\da-f]{2})+/gi, decodeURIComponent);
  } catch {
    throw new HttpError(400, 'bad-request', 'the address has escapes that are not UTF-8');
  }
}

/** HttpError 400 where two hosts are named (RFC 9112): what stands before the service may have looked at the other. */
function requestOf({ headers, raw }: FastifyRequest): Request {
  if ((raw.headersDistinct['host']?.length ?? 0) > 1)
    throw new HttpError(400, 'bad-request', 'the request has more than one Host header');
  const { host, origin, authorization, 'sec-fetch-site': site, 'sec-fetch-dest': destination } = headers;
  return { host, origin, authorization, site, destination };
}

/** Of the route, and not what stands in the address: that may name a listener. */
function patternOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'none';
}
