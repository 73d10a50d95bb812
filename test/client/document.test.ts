import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { SegueClient } from '#dist/client/client.js';
import { routes } from '#dist/client/openapi.js';
import { inFullTest, inSmokeTest } from '../helpers/full-tests.js';
import { makeReaderRoot, type ReaderRoot } from '../helpers/reader-root.js';
import { startService, type Service } from '../helpers/service.js';
import { pythonClient } from '../../scripts/python-client.mjs';

const quickly = inSmokeTest();

const repository = fileURLToPath(new URL('../..', import.meta.url));
const document = JSON.parse(readFileSync(`${repository}openapi.json`, 'utf8'));

let root: ReaderRoot;
let service: Service;
beforeAll(async () => {
  root = await makeReaderRoot();
  service = await startService([root.root], { workers: 0 });
});
afterAll(async () => {
  await service.close();
  root.folder.remove();
});

interface Operation {
  readonly at: string;
  readonly operation: any;
}

const operations: readonly Operation[] = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
  Object.entries<any>(methods).map(([method, operation]) => ({ at: `${method} ${path}`, operation })),
);

/** Every object of a document with `key`, and where it is. */
function* having(key: string, value: unknown, at = '#'): Generator<[where: string, object: any]> {
  if (typeof value !== 'object' || value === null) return;
  if (key in value) yield [at, value];
  for (const [name, each] of Object.entries(value)) yield* having(key, each, `${at}/${name}`);
}

describe('openapi.json', () => {
  quickly('is what the service gives, and what the client asks', async () => {
    const { body } = await service.get('/openapi.json');
    expect(body, 'npm run build && node scripts/make-openapi.mjs writes it').toEqual(document);
    const known = operations.map(({ at, operation }) => [operation.operationId, at]);
    const asked = Object.entries(routes).map(([id, { method, path }]) => [
      id,
      `${method.toLowerCase()} ${path}`,
    ]);
    expect(asked).toEqual(known.sort(([a], [b]) => (a < b ? -1 : 1)));
  });

  quickly('is what the client for Python asks', () => {
    const path = 'clients/python/src/segue_client/operations.py';
    expect(readFileSync(repository + path, 'utf8')).toBe(pythonClient(document));
  });

  inFullTest()('is made by scripts/make-openapi.mjs, and the types of the client', async () => {
    await promisify(execFile)(process.execPath, ['scripts/make-openapi.mjs', '--check'], { cwd: repository });
  });

  quickly('is OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors ?? []).toEqual([]);
    expect([valid, document.openapi]).toEqual([true, '3.1.0']);
  });

  quickly('is that too where a service has several roots, which paths name', async () => {
    const several = await startService([`one=${root.root}`, `two=${root.root}`], { workers: 0 });
    try {
      const { body } = await several.get('/openapi.json');
      expect((await new Validator().validate(structuredClone(body))).errors ?? []).toEqual([]);
      const paths = Object.keys(document.paths).map((path) => path.replace('/v1/', '/v1/{root}/'));
      expect(Object.keys(body.paths)).toEqual(paths);
      const [parameter] = body.paths['/v1/{root}/similar'].get.parameters.filter(
        (each: any) => each.in === 'path',
      );
      expect(parameter).toMatchObject({ name: 'root', schema: { enum: ['one', 'two'] }, required: true });
    } finally {
      await several.close();
    }
  });

  quickly('names its own version, and has no key of older drafts of JSON Schema', () => {
    const { version } = JSON.parse(readFileSync(`${repository}package.json`, 'utf8'));
    expect(document.info.version).toBe(version);
    for (const key of ['definitions', '$defs', 'nullable', '$schema', '$id'])
      expect(
        [...having(key, document.components.schemas)].filter(([at]) => !at.endsWith('/properties')),
      ).toEqual([]);
  });

  quickly('refers only to what is there, and has nothing that is not referred to', () => {
    const refs = new Set([...having('$ref', document)].map(([, { $ref }]) => String($ref)));
    const { securitySchemes: _, ...components } = document.components;
    const there = Object.entries<object>(components).flatMap(([kind, all]) =>
      Object.keys(all).map((name) => `#/components/${kind}/${name}`),
    );
    expect([...refs].sort()).toEqual(there.sort());
  });

  quickly('has words for every operation, parameter and answer', () => {
    for (const { at, operation } of operations) {
      expect(operation.operationId, at).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary.length, at).toBeGreaterThan(10);
      expect(document.tags.map(({ name }: { name: string }) => name)).toContain(operation.tags[0]);
      for (const { name, description } of operation.parameters ?? [])
        expect(description, `${at} ${name}`).toBeTruthy();
      for (const response of Object.values<any>(operation.responses))
        expect(response.$ref ?? response.description, at).toBeTruthy();
    }
    for (const name of ['SimilarQuestion', 'RecommendQuestion', 'FeedbackEntry', 'Event'])
      for (const [key, schema] of Object.entries<any>(document.components.schemas[name].properties))
        expect(schema.description, `${name} ${key}`).toBeTruthy();
  });

  quickly('says which operations need a token', () => {
    const secured = operations.map(
      ({ operation: { tags, security } }) => `${tags[0]} ${JSON.stringify(security)}`,
    );
    expect([...new Set(secured)].sort()).toEqual([
      'feedback [{"token":[]}]',
      'forget [{"token":[]}]',
      'hide [{"token":[]}]',
      'listeners [{},{"token":[]}]',
      'read [{},{"token":[]}]',
      'status []',
    ]);
  });

  quickly('has an operation for each method of the client that asks, and a method for each operation', () => {
    const own = ['constructor', 'hold', 'forward', 'ask', 'pages', 'lines'];
    const methods = Object.getOwnPropertyNames(SegueClient.prototype).filter((name) => !own.includes(name));
    const asked = operations.map(({ operation }) => operation.operationId);
    expect(asked.sort()).toEqual(methods.sort());
  });
});
