/** The routes that tell of the service itself. */
import type { FastifyInstance } from 'fastify';
import type { JsonSchema } from '../options/kinds.js';
import { listSnapshots } from '../tasks/snapshots/list.js';
import type { Metrics } from './metrics.js';
import { parametersOf } from './parameters.js';
import { paramsOf, problems, security } from './query-routes.js';
import { withoutKey } from './schemas.js';
import type { Service } from './service.js';

const textOrNull = { type: ['string', 'null'] };
const status: JsonSchema = {
  ...{ type: 'object', required: ['status'], additionalProperties: false },
  properties: { status: { type: 'string' } },
};
const readiness: JsonSchema = {
  ...{ type: 'object', required: ['status', 'problems'], additionalProperties: false },
  properties: { status: { type: 'string' }, problems: { type: 'array', items: { type: 'string' } } },
};
const served: JsonSchema = {
  type: 'object',
  required: ['version', 'roots'],
  properties: {
    version: { type: 'string' },
    roots: {
      type: 'array',
      items: {
        ...{ type: 'object', required: ['name', 'snapshot', 'epoch'], additionalProperties: false },
        properties: { name: textOrNull, snapshot: { type: 'string' }, epoch: { type: ['integer', 'null'] } },
      },
    },
  },
  additionalProperties: false,
};

export function addStatus(app: FastifyInstance, service: Service, metrics: Metrics, version: string): void {
  const querystring = parametersOf({});
  const open = { tags: ['status'], querystring, security: [] };
  const ok = (schema: JsonSchema): JsonSchema => ({ 200: { description: 'The answer', ...schema } });
  // Whoever looks whether it lives has no token.
  app.get(
    '/healthz',
    {
      schema: {
        ...open,
        operationId: 'health',
        summary: 'Whether the process answers',
        response: ok(status),
      },
    },
    () => ({ status: 'ok' }),
  );
  const notReady = { 503: { description: 'It is shutting down, or no root recommends', ...readiness } };
  app.get(
    '/readyz',
    {
      schema: {
        ...{ ...open, operationId: 'ready', summary: 'Whether questions are answered' },
        response: { ...ok(readiness), ...notReady },
      },
    },
    (_request, reply) => {
      const ofRoots = [...service.roots.all.values()].map((root) => root.problems());
      const problems = [...new Set(ofRoots.flat())];
      const isAnswering = ofRoots.some((codes) => codes.length === 0);
      if (!service.admission.isDraining && isAnswering) return { status: 'ready', problems };
      return reply
        .code(503)
        .send({ status: service.admission.isDraining ? 'draining' : 'not-ready', problems });
    },
  );
  const config = { right: 'read' } as const;
  app.get('/metrics', { schema: { hide: true, querystring }, config }, async (_request, reply) => {
    void reply.header('content-type', metrics.contentType);
    return metrics.text();
  });
  app.get('/openapi.json', { schema: { hide: true, querystring }, config }, () => app.swagger());
  const read = { tags: ['read'], querystring, security };
  app.get(
    '/v1',
    {
      schema: {
        ...{ ...read, operationId: 'served', summary: 'What is served: the version, and each root' },
        response: { ...ok(served), ...problems },
      },
      config,
    },
    () => ({
      version,
      roots: [...service.roots.all].map(([name, root]) => ({
        ...{ name: name ?? null, snapshot: root.snapshot, epoch: root.state.epoch },
      })),
    }),
  );
  app.get(
    service.path('/snapshots'),
    {
      schema: {
        ...{ ...read, operationId: 'snapshots', summary: 'The snapshots that there are' },
        ...paramsOf(service, parametersOf({})),
        response: { ...ok(withoutKey(service.schemaOf('snapshots-list'), 'root')), ...problems },
      },
      config,
    },
    (request, reply) =>
      service.ofRoot(reply, service.rootOf(request.params), async (context) => {
        const { root } = service.rootOf(request.params);
        const { root: _, problems: found, snapshots, ...listed } = await listSnapshots({ root }, context);
        const said = <P extends { readonly message: string }>(problem: P): P => ({
          ...problem,
          message: service.withoutPlaces(problem.message),
        });
        return {
          ...listed,
          snapshots: snapshots.map((each) => ({ ...each, damage: each.damage && said(each.damage) })),
          problems: found.map(said),
        };
      }),
  );
}
