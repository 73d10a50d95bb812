/** The queries of these tables that the Python reader can be asked, of one process. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { useCanaryHere } from '../helpers/canary-here.js';
import { python } from '../helpers/python.js';
import { cleanEnv } from '../helpers/run-segue.js';
import { openInterfaces, type Interfaces, type Outcome } from './interfaces.js';
import { askedBy, askedFor, type Asked } from './operations.js';
import { readQueries } from './query-file.js';
import { makeQueryRoot, type QueryRoot } from './roots.js';

useCanaryHere();

const source = fileURLToPath(new URL('../../clients/python/src', import.meta.url));
/** Options by the names that Python has for them; it has no index, so that what is exact is what there is. */
const known = ['items', 'minus', 'weights', 'kind', 'k', 'minEvents'];
const program = `
import json, sys, segue
for line in sys.stdin:
    asked = json.loads(line)
    try:
        with segue.open(asked["root"], asked["snapshot"]) as snapshot:
            print(json.dumps({"answers": list(snapshot.similar(**asked["options"]))}))
    except segue.SegueError as error:
        print(json.dumps({"code": error.code, "message": str(error)}))
`;

/** Python reads Infinity, which JSON has not. */
const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (each === Infinity ? 'Infinity' : each)).replaceAll(
    '"Infinity"',
    'Infinity',
  );

const opened: { readonly made: QueryRoot; readonly interfaces: Interfaces }[] = [];
afterAll(async () => {
  for (const { made, interfaces } of opened) {
    await interfaces.close();
    made.folder.remove();
  }
});

it('similar is to Python what it is to the command, to the bit', { tags: ['readers'] }, async () => {
  const asks: { readonly line: string; readonly given: string; readonly wanted: Outcome }[] = [];
  for (const file of readdirSync(new URL('./', import.meta.url)).filter((name) => name.endsWith('.query'))) {
    const { queries } = readQueries(new URL(file, import.meta.url));
    for (const root of new Set(queries.map((query) => query.root))) {
      const made = await makeQueryRoot(root);
      const interfaces = openInterfaces(made.folder.path);
      opened.push({ made, interfaces });
      for (const { words, line } of queries.filter((query) => query.root === root)) {
        const { operation, options } = await askedBy(
          words.map((word) =>
            word.replace(/^\$(\w+)$/, (whole, name: string) => made.names.get(name) ?? whole),
          ),
        );
        const { snapshot = 'current', exact: _, ...rest } = options;
        if (operation.name !== 'similar' || !Object.keys(rest).every((name) => known.includes(name)))
          continue;
        const asked: Asked = askedFor(operation, { ...options, exact: true });
        const { minEvents, ...named } = rest as { minEvents?: number };
        const given = { ...named, ...(minEvents === undefined ? {} : { min_events: minEvents }) };
        const path = join(made.folder.path, 'root');
        asks.push({
          line,
          given: jsonOf({ root: path, snapshot, options: given }),
          wanted: await interfaces.ask('command', asked),
        });
      }
    }
  }
  const answered = python(program, [], {
    input: asks.map(({ given }) => given).join('\n'),
    env: cleanEnv({ PYTHONPATH: source, NODE: process.execPath }),
  });
  const lines = answered.trimEnd().split('\n');
  expect(asks.length).toBeGreaterThan(20);
  const of = (outcome: Outcome, neighbours = (answers: readonly any[]) => answers[0].neighbours) =>
    'code' in outcome ? outcome.code : neighbours(outcome.answers);
  expect(lines.map((line, at) => ({ line: asks[at]!.line, is: of(JSON.parse(line), (all) => all) }))).toEqual(
    asks.map(({ line, wanted }) => ({ line, is: of(wanted) })),
  );
});
