/** The map of a snapshot's items, for pages that draw it: its points, and who they are. */
import type { FastifyInstance } from 'fastify';
import { mapItems } from '../map/map-items.js';
import { MapMaker } from '../map/map-maker.js';
import { catalogue } from '../options/catalogue.js';
import { option } from '../options/option.js';
import { listOf, text, type JsonSchema, type OptionKind } from '../options/kinds.js';
import { snapshotAt } from '../snapshot/open-snapshot.js';
import { optionsReader, parametersOf } from './parameters.js';
import { choosing, paramsOf, problems, requireValid, security } from './query-routes.js';
import type { Given } from './query-table.js';
import type { ServedRoot } from './served-root.js';
import type { Service } from './service.js';

/** Whoever asks waits so long for a map that is not there yet. */
const waitMs = 500;
/** Other queries are answered meanwhile. */
const threads = 1;

const integer = { type: 'integer' };
const making: JsonSchema = {
  ...{ type: 'object', required: ['phase', 'done', 'total'], additionalProperties: false },
  properties: { phase: { type: 'string' }, done: integer, total: integer },
};
const binary = { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } };
const found: JsonSchema = {
  ...{ type: 'object', required: ['snapshot', 'items'], additionalProperties: false },
  properties: {
    snapshot: { type: 'string' },
    items: {
      type: 'array',
      items: {
        ...{ type: 'object', required: ['row', 'id', 'name'], additionalProperties: false },
        properties: { row: integer, id: { type: 'string' }, name: { type: 'string' } },
      },
    },
  },
};

const rowsPattern = /^\d{1,10}(?:,\d{1,10}){0,999}$/;
const rowList: OptionKind<string> = {
  wanted: 'at most 1,000 row numbers, joined by commas',
  accepts: (value) => typeof value === 'string' && rowsPattern.test(value),
  schema: { type: 'string', pattern: rowsPattern.source },
};
const mostNamed = 100;
const named = listOf(text, 'ids or names');
const asked = {
  ...choosing,
  rows: option(rowList, { about: 'rows of the map, joined by commas', group: 'QUERY', example: '0,17' }),
  item: { ...catalogue.item, ...named, schema: { ...named.schema, maxItems: mostNamed } },
};

const wantedOf = optionsReader(choosing);
const askedOf = optionsReader(asked);

export function addMap(app: FastifyInstance, service: Service): void {
  const makers = new Map<ServedRoot, MapMaker>();
  const makerOf = (root: ServedRoot): MapMaker => {
    const maker = makers.get(root) ?? new MapMaker(root.root, threads);
    makers.set(root, maker);
    return maker;
  };
  app.addHook('onClose', () => {
    for (const maker of makers.values()) maker.close();
  });
  const config = { right: 'read' } as const;
  const shared = { tags: ['read'], security, ...paramsOf(service, parametersOf({})) };
  app.get(
    service.path('/map'),
    {
      schema: {
        ...{ operationId: 'map', summary: 'The map of the items: docs/reference/map.md has its bytes' },
        ...{ ...shared, querystring: parametersOf(choosing) },
        response: {
          200: { description: 'The map', ...binary },
          202: { description: 'It is being made: ask again', ...making },
          ...problems,
        },
      },
      ...{ config, attachValidation: true },
    },
    (request, reply) => {
      requireValid(request, choosing);
      const root = service.rootOf(request.params);
      const wanted = wantedOf(request.query as Given);
      return service.bySnapshot(reply, root, wanted, async ({ reader }) => {
        const state = await makerOf(root).of(reader.snapshot.id, waitMs);
        if ('bytes' in state)
          return reply
            .header('content-type', 'application/octet-stream')
            .send(Buffer.from(state.bytes.buffer));
        return reply.code(202).header('retry-after', '1').send(state.progress);
      });
    },
  );
  app.get(
    service.path('/map/items'),
    {
      schema: {
        ...{ operationId: 'mapItems', summary: 'The items at rows of the map, and the rows of items' },
        ...{ ...shared, querystring: parametersOf(asked) },
        response: { 200: { description: 'The answer', ...found }, ...problems },
      },
      ...{ config, attachValidation: true },
    },
    (request, reply) => {
      requireValid(request, asked);
      const root = service.rootOf(request.params);
      const { rows = '', item = [], ...wanted } = askedOf(request.query as Given);
      const numbers = rows === '' ? [] : rows.split(',').map(Number);
      return service.bySnapshot(reply, root, wanted, ({ reader }) => {
        const { id } = reader.snapshot;
        const snapshot = snapshotAt({ ...reader.snapshot, root: root.root });
        return Promise.resolve({ snapshot: id, items: mapItems(snapshot, numbers, item) });
      });
    },
  );
}
