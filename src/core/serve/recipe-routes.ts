/** The route that lists which recipes can be asked for by name. */
import type { FastifyInstance } from 'fastify';
import type { JsonSchema } from '../options/kinds.js';
import { listRecipes } from '../query/recipes/list-recipes.js';
import { parametersOf } from './parameters.js';
import { paramsOf, problems, security } from './query-routes.js';
import type { Service } from './service.js';

const recipe: JsonSchema = {
  ...{ type: 'object', required: ['name', 'about', 'from'], additionalProperties: false },
  properties: { name: { type: 'string' }, about: { type: 'string' }, from: { enum: ['own', 'segue'] } },
};
const recipes: JsonSchema = {
  ...{ type: 'object', required: ['recipes'], additionalProperties: false },
  properties: { recipes: { type: 'array', items: recipe } },
};

export function addRecipes(app: FastifyInstance, service: Service): void {
  app.get(
    service.path('/recipes'),
    {
      schema: {
        ...{ operationId: 'recipes', tags: ['read'], security, querystring: parametersOf({}) },
        ...{ summary: 'The recipes that can be asked for by name', ...paramsOf(service, parametersOf({})) },
        response: { 200: { description: 'The answer', ...recipes }, ...problems },
      },
      config: { right: 'read' },
    },
    (request, reply) => {
      const root = service.rootOf(request.params);
      return service.ofRoot(reply, root, async () => {
        const listed = await listRecipes({ root: root.root });
        // One that cannot be read is for whoever runs the service, and so are paths.
        const readable = listed.recipes.filter(({ problem }) => problem === undefined);
        return { recipes: readable.map(({ name, about, from }) => ({ name, about, from })) };
      });
    },
  );
}
