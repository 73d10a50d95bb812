// Writes what is made of the service's routes: openapi.json, the document that it gives at /openapi.json, and
// src/client/openapi.ts, the types and routes of it for the client. node scripts/make-openapi.mjs, after a build; with --check it
// writes nothing, and fails where a file is not what it would write.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTypes, { astToString } from 'openapi-typescript';
import prettier from 'prettier';
import { makeMetrics } from '../dist/core/serve/metrics.js';
import { makeServer } from '../dist/core/serve/server.js';
import { Service } from '../dist/core/serve/service.js';

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
  const answersOnly = JSON.parse(JSON.stringify(document), (key, value) => {
    if (key === 'responses' && value[200] !== undefined)
      return Object.fromEntries(
        Object.entries(value).flatMap(([status, answer]) =>
          /^2/.test(status) ? [[status, { ...answer, headers: undefined }]] : [],
        ),
      );
    // Answers are whole: what `fields` would leave has no type.
    if (key === 'parameters' && Array.isArray(value)) return value.filter(({ name }) => name !== 'fields');
    if (key === 'anyOf') return value.filter(({ $ref }) => !$ref?.endsWith('Part'));
    return value;
  });
  const { schemas } = answersOnly.components;
  answersOnly.components = {
    schemas: Object.fromEntries(Object.entries(schemas).filter(([name]) => !name.endsWith('Part'))),
  };
  const options = { alphabetize: true, immutable: true, defaultNonNullable: false };
  const nodes = await openapiTypes(answersOnly, options);
  const types = astToString(nodes.filter(({ name }) => ['components', 'operations'].includes(name?.text)));
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [
      operation.operationId,
      routeOf(path, method, operation),
    ]),
  );
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `/* Made by scripts/make-openapi.mjs from the routes of the service. */
${types}
export interface Route {
  readonly method: string;
  readonly path: string;
  /** Of an operation with a body, the parameters that stand in the address all the same. */
  readonly query: readonly string[];
  /** Whether a snapshot answers it, which can be chosen. */
  readonly ofSnapshot: boolean;
}

export const routes: Readonly<Record<keyof operations, Route>> = ${JSON.stringify(Object.fromEntries(entries))};
`;
}

function routeOf(path, method, { parameters = [], requestBody }) {
  const names = parameters.filter((each) => each.in === 'query').map(({ name }) => name);
  const query = requestBody === undefined ? [] : names;
  return { method: method.toUpperCase(), path, query, ofSnapshot: names.includes('snapshot') };
}

async function textOf(path, text) {
  const options = await prettier.resolveConfig(repository + path);
  return prettier.format(text, { ...options, filepath: path });
}

const document = await makeDocument();
const files = {
  'openapi.json': await textOf('openapi.json', JSON.stringify(document)),
  'src/client/openapi.ts': await textOf('src/client/openapi.ts', await clientModule(document)),
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
