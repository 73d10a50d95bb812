/** The routes that list what else can be asked for: listeners by how their ids begin, and recipes by name. */
import type { FastifyInstance } from 'fastify';
import * as shapes from '../library/shapes.js';
import { or, text, wholeNumber, type JsonSchema, type OptionShape } from '../options/kinds.js';
import { optionValues } from '../options/values.js';
import { listRecipes } from '../query/recipes/list-recipes.js';
import { listUsers, type ListUsersOptions } from '../tasks/users.js';
import { optionsReader, parametersOf } from './parameters.js';
import { mostResults, type Given } from './questions.js';
import { paramsOf, problems, requireValid, security } from './question-routes.js';
import type { Service } from './service.js';

type Asked = Pick<ListUsersOptions, 'prefix' | 'k' | 'snapshot'>;

const asked = {
  prefix: shapes.listUsers.prefix,
  k: or(wholeNumber({ min: 1, max: mostResults }), optionValues.k.default),
  snapshot: text,
} satisfies OptionShape<Asked>;

const recipe: JsonSchema = {
  ...{ type: 'object', required: ['name', 'about', 'from'], additionalProperties: false },
  properties: { name: { type: 'string' }, about: { type: 'string' }, from: { enum: ['own', 'segue'] } },
};
const recipes: JsonSchema = {
  ...{ type: 'object', required: ['recipes'], additionalProperties: false },
  properties: { recipes: { type: 'array', items: recipe } },
};

export function addListings(app: FastifyInstance, service: Service): void {
  const optionsOf = optionsReader<Asked>(asked);
  const inAddress = paramsOf(service, parametersOf({}));
  const answered = (schema: JsonSchema): JsonSchema => ({
    200: { description: 'The answer', ...schema },
    ...problems,
  });
  app.get(
    service.path('/listeners'),
    {
      schema: {
        ...{ operationId: 'listeners', tags: ['listeners'], security, ...inAddress },
        summary: 'The listeners with the most events, or those whose ids begin with a prefix',
        ...{ querystring: parametersOf(asked), response: answered(service.schemaOf('users')) },
      },
      ...{ config: { right: 'listeners' }, attachValidation: true },
    },
    (request, reply) => {
      requireValid(request, asked, { renamed: {} });
      const { snapshot, ...question } = optionsOf(request.query as Given);
      const served = service.rootOf(request.params);
      return service.bySnapshot(reply, served, { snapshot }, ({ id }, context) =>
        listUsers({ ...question, root: served.root, as: served.as, snapshot: id }, context),
      );
    },
  );
  app.get(
    service.path('/recipes'),
    {
      schema: {
        ...{ operationId: 'recipes', tags: ['read'], security, ...inAddress, querystring: parametersOf({}) },
        ...{ summary: 'The recipes that can be asked for by name', response: answered(recipes) },
      },
      config: { right: 'read' },
    },
    (request, reply) =>
      service.ofRoot(reply, service.rootOf(request.params), async () => {
        const { root } = service.rootOf(request.params);
        const listed = await listRecipes({ root });
        // One that cannot be read is for whoever runs the service, and so are paths.
        const readable = listed.recipes.filter(({ problem }) => problem === undefined);
        return { recipes: readable.map(({ name, about, from }) => ({ name, about, from })) };
      }),
  );
}
