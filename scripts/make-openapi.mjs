// Writes what is made of the service's routes: openapi.json, the document that it gives at /openapi.json, and
// src/client/openapi.ts, the types and routes of it for the client, and src/client/methods.ts, a method for each operation;
// and the same for Python. node scripts/make-openapi.mjs, after a build; with --check it writes nothing, and fails where a
// file is not what it would write.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTypes, { astToString } from 'openapi-typescript';
import prettier from 'prettier';
import { makeMetrics } from '../dist/core/serve/metrics.js';
import { makeServer } from '../dist/core/serve/server.js';
import { Service } from '../dist/core/serve/service.js';
import { pythonClient } from './python-client.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** As a service of one root gives it: nothing of it depends on what is served. */
async function makeDocument() {
  const { version } = JSON.parse(readFileSync(`${repository}package.json`, 'utf8'));
  const service = new Service({ names: [], all: new Map() }, { timeoutMs: 0 }, []);
  const guard = { hosts: new Set(), tokens: [], open: new Set() };
  const app = await makeServer({ service, guard, metrics: makeMetrics(), log: {}, version, writes: true });
  const document = app.swagger();
  await app.close();
  return document;
}

/** The client's: what each operation takes and gives, and where it is. What is refused has one form, which the client knows. */
async function clientModule(document) {
  const isPart = (name) => document.components.schemas[name]?.description?.startsWith('What `fields` leaves');
  const answersOnly = JSON.parse(JSON.stringify(document), (key, value) => {
    if (key === 'responses' && value[200] !== undefined)
      return Object.fromEntries(
        Object.entries(value).flatMap(([status, answer]) =>
          /^2/.test(status) ? [[status, { ...answer, headers: undefined }]] : [],
        ),
      );
    // Answers are whole: what `fields` would leave has no type.
    if (key === 'parameters' && Array.isArray(value)) return value.filter(({ name }) => name !== 'fields');
    if (key === 'anyOf') return value.filter(({ $ref }) => !isPart($ref?.split('/').at(-1)));
    return value;
  });
  const { schemas } = answersOnly.components;
  answersOnly.components = {
    schemas: Object.fromEntries(Object.entries(schemas).filter(([name]) => !isPart(name))),
  };
  const options = { alphabetize: true, immutable: true, defaultNonNullable: false };
  const nodes = await openapiTypes(answersOnly, options);
  const types = astToString(nodes.filter(({ name }) => ['components', 'operations'].includes(name?.text)));
  const entries = operationsOf(document).map(({ operation, route }) => [operation.operationId, route]);
  return `/* Made by scripts/make-openapi.mjs from the routes of the service. */
${types}
export interface Route {
  readonly method: string;
  readonly path: string;
  /** Of an operation with a body, the parameters that stand in the address all the same. */
  readonly query?: readonly string[];
  /** A snapshot answers it, which can be chosen. */
  readonly ofSnapshot?: boolean;
  /** It has no parameters at all. */
  readonly asksNothing?: boolean;
  /** The list of its body, of entries that have an \`id\` and are kept once by it. */
  readonly entries?: string;
}

export const routes: Readonly<Record<keyof operations, Route>> = ${JSON.stringify(Object.fromEntries(entries))};
`;
}

/** By their names. */
function operationsOf({ paths, components }) {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      operation,
      route: routeOf(path, method, operation, components.schemas),
    })),
  );
  return all.sort((a, b) => (a.operation.operationId < b.operation.operationId ? -1 : 1));
}

/** The methods of the client, with the words that editors show beside them. */
function methodsModule(document) {
  const methods = operationsOf(document).flatMap((each) =>
    signaturesOf(each).map((signature) => `  /** ${wordsOf(each)} */\n  ${signature};\n`),
  );
  return `/* Made by scripts/make-openapi.mjs from the routes of the service. */
import type { Answer, Asked, ByModel, ByRecipe, RecipeAnswer, Recommendations } from './asking.js';
import type { CallOptions } from './sending.js';

export interface Methods {
${methods.join('')}}
`;
}

function signaturesOf({ operation: { operationId: id, parameters = [], requestBody, responses }, route }) {
  if (route.asksNothing) return [`${id}(call?: CallOptions): Promise<Answer<'${id}'>>`];
  const isNeeded = requestBody !== undefined || parameters.some(({ required }) => required);
  const taking = (asked, answer) => `${id}(${asked}, call?: CallOptions): Promise<${answer}>`;
  const { anyOf = [] } = responses[200].content['application/json']?.schema ?? {};
  const isByRecipe = anyOf.some(({ $ref = '' }) => $ref.endsWith('/RecipeAnswer'));
  const whichever = taking(`asked${isNeeded ? '' : '?'}: Asked<'${id}'>`, `Answer<'${id}'>`);
  if (!isByRecipe) return [whichever];
  return [
    taking(`asked: ByModel<'${id}'>`, 'Recommendations'),
    taking(`asked: ByRecipe<'${id}'>`, 'RecipeAnswer'),
    whichever,
  ];
}

/** Keys that are undefined are not written. */
function routeOf(path, method, { parameters = [], requestBody }, schemas) {
  const names = parameters.filter((each) => each.in === 'query').map(({ name }) => name);
  const { properties = {} } = requestBody?.content['application/json'].schema ?? {};
  const [entries] = Object.keys(properties).filter((name) => {
    const { $ref = '', ...items } = properties[name].items ?? {};
    return 'id' in ((schemas[$ref.split('/').at(-1)] ?? items).properties ?? {});
  });
  return {
    method: method.toUpperCase(),
    path,
    query: requestBody === undefined || names.length === 0 ? undefined : names,
    ofSnapshot: names.includes('snapshot') || undefined,
    asksNothing: (parameters.length === 0 && requestBody === undefined) || undefined,
    entries,
  };
}

/** What an operation does, and what the client does about it. */
function wordsOf({ operation: { summary, responses }, route: { entries } }) {
  const words = [`${summary}.`];
  if ('202' in responses) words.push('Where that is still being made, how far it is: ask again then.');
  if (entries !== undefined)
    words.push(
      'Durable, and in force, when it resolves.',
      'Entries without an id get one before the first try: one that is sent twice counts once.',
    );
  return words.join(' ');
}

async function textOf(path, text) {
  const options = await prettier.resolveConfig(repository + path);
  return prettier.format(text, { ...options, filepath: path });
}

const document = await makeDocument();
const files = {
  'openapi.json': await textOf('openapi.json', JSON.stringify(document)),
  'src/client/openapi.ts': await textOf('src/client/openapi.ts', await clientModule(document)),
  'src/client/methods.ts': await textOf('src/client/methods.ts', methodsModule(document)),
  'clients/python/src/segue_client/operations.py': pythonClient(document),
};
for (const [path, text] of Object.entries(files)) {
  const isSame = existsSync(repository + path) && readFileSync(repository + path, 'utf8') === text;
  if (isSame) continue;
  if (process.argv.includes('--check')) {
    console.error(`${path} is not what the routes say: npm run build && node scripts/make-openapi.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(repository + path, text);
    console.log(`wrote ${path}`);
  }
}
process.exit();
