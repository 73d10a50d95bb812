import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { useCanaryHere } from '../helpers/canary-here.js';
import { smallRock } from '../helpers/small-rock.js';
import { runHere } from '../helpers/run-here.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

useCanaryHere();

const schemas = new URL('../../schemas/', import.meta.url);

const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true, code: { optimize: false } });
const validators = new Map<string, ValidateFunction>();
// Those of editors are no results (test/core/query/recipes/keys.test.ts).
const files = readdirSync(schemas).filter((file) => !file.endsWith('.schema.json'));
for (const file of files)
  ajv.addSchema(JSON.parse(readFileSync(new URL(file, schemas), 'utf8')) as object, file);
for (const file of files) validators.set(file.replace('.json', ''), ajv.getSchema(file)!);

const makeDirectory = temporaryDirectories('file');
let root = '';
const gates = join(makeDirectory(), 'segue-gates.yaml');
beforeAll(() => {
  root = makeDirectory();
  writeFileSync(
    gates,
    `require: [items>=100, unconverged<=0, coverage@10>=0.05, overlap@10>=0, items.removed<=20]
canaries:
  - {similar: Plush, contains: [Come As You Are], within: 200, min-similarity: 0}
  - {like: Come As You Are, dislike: Hotel California, contains: Plush, within: 200}
`,
  );
});

/** Runs a command with --json; every line of stdout has to be a document of the schema. */
async function documentsOf(schema: string, args: readonly string[], code = 0): Promise<unknown[]> {
  const result = await runHere([...args, '--json'], { env: { SEGUE_ROOT: root }, cwd: smallRock.folder });
  expect(result.code, result.stdout + result.stderr).toBe(code);
  expect(result.stdout.endsWith('\n')).toBe(true);
  const documents = result.stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const validate = validators.get(schema)!;
  for (const document of documents) {
    if (!validate(document)) {
      throw new Error(`${ajv.errorsText(validate.errors, { separator: '\n' })}\n${JSON.stringify(document)}`);
    }
  }
  return documents;
}

const train = ['train', 'plays.csv.gz', '--items', 'items.csv', '--factors', '16', '--epochs', '1'];
const ease = ['train', 'plays.csv.gz', '--items', 'items.csv', '--model', 'ease', '--holdout', '0.2'];

const feedback = ['feedback', 'add', 'listener'];

it('schemas are written by scripts/make-schemas.mjs, one for each result that it lists', () => {
  const script = readFileSync(new URL('../../scripts/make-schemas.mjs', import.meta.url), 'utf8');
  const listed = [...script.matchAll(/^ {2}'?([a-z-]+)'?: '[A-Z]\w+',$/gm)].map(([, name]) => name!);
  expect([...validators.keys()].sort()).toEqual(listed.sort());
  for (const [name, { schema }] of validators)
    expect(Object.entries(schema).slice(0, 2)).toEqual([
      ['$schema', 'http://json-schema.org/draft-07/schema#'],
      ['title', `segue ${name}`],
    ]);
});

describe('the JSON of', () => {
  it.each<[string, string[]]>([
    ['help', ['--help']],
    ['help', ['snapshots', '--help']],
    ['help', ['help', 'similar']],
    ['version', ['--version']],
    ['train-dry-run', [...train, '--dry-run']],
    ['train', [...train, '--tag', 'small']],
    ['train', train],
    ['evaluate', ['evaluate', 'plays.csv.gz', '--factors', '8', '--epochs', '2', '--bootstrap', '20']],
    ['evaluate', ['evaluate', '--snapshot', 'small', '--snapshot', 'latest', '--test', 'plays.csv.gz']],
    ['evaluate', ['evaluate', 'plays.csv.gz', '--split-at', '0.5', '--epochs', '1', '--bootstrap', '0']],
    ['tune', ['tune', 'plays.csv.gz', '--factors', '8', '--epochs', '2', '--trials', '2']],
    ['build-index', ['build-index', '--target-recall', '0.9']],
    ['build-index', ['build-index', 'small', '--target-recall', '0.9']],
    ['user-vector-all', ['user-vector', '--all', '--half-life', '30d']],
    ['publish', ['publish', '--dry-run', '--report', join(makeDirectory(), 'report.html')]],
    ['publish', ['publish', '--dry-run']],
    ['publish', ['publish', '--require', 'recall@10>=0.5']],
    ['publish', ['publish', 'current']],
    ['publish', ['publish', 'current', '--gates', gates, '--dry-run']],
    ['publish', ['publish', 'small']],
    ['rollback', ['rollback', '--dry-run']],
    ['rollback', ['rollback', '--why', 'a test']],
    ['rollback', ['rollback', 'current']],
    ['diff-snapshots', ['diff-snapshots', 'small', 'current', '--fail-on', 'items.removed>0']],
    [
      'diff-snapshots',
      ['diff-snapshots', 'small', 'current', '--report', join(makeDirectory(), 'report.html')],
    ],
    [
      'report',
      [
        ...['report', 'small', '--against', 'current', '--out', join(makeDirectory(), 'report.html')],
        ...['--figures', makeDirectory()],
      ],
    ],
    ['snapshots-list', ['snapshots', 'list']],
    ['snapshots-show', ['snapshots', 'show']],
    ['snapshots-show', ['snapshots', 'show', 'small']],
    ['snapshots-verify', ['snapshots', 'verify']],
    ['snapshots-verify', ['snapshots', 'verify', '--all']],
    ['snapshots-tag', ['snapshots', 'tag', 'small', 'again']],
    ['snapshots-tag', ['snapshots', 'tag', 'current', 'again']],
    ['snapshots-untag', ['snapshots', 'untag', 'again']],
    ['snapshots-history', ['snapshots', 'history']],
    ['snapshots-history', ['snapshots', 'history', '-n', '1']],
    ['snapshots-list', ['snapshots', '--limit', '1']],
    ['items', ['items']],
    ['items', ['items', 'pearl', 'jam', '--where', 'released > 1990', '-k', '3']],
    ['items', ['items', '--kind', 'artist']],
    ['items-show', ['items', 'show', 'Plush']],
    ['items-show', ['items', 'show', 'artist:Nirvana']],
    ['audience', ['audience', 'Plush', '-k', '3']],
    ['audience', ['audience', 'artist:Nirvana', '--include-heard']],
    ['users', ['users', 'KGLK']],
    ['feedback-list', ['feedback', 'list']],
    ['feedback-add', [...feedback, 'artist:Nirvana', '--type', 'ban', '--id', 'a1', '--source', 'radio']],
    ['feedback-add', [...feedback, 'artist:Nirvana', '--type', 'ban', '--id', 'a1', '--source', 'radio']],
    [
      'feedback-add',
      [...feedback, 'Plush', '--type', 'like', '--answered-by', 'a'.repeat(16), '--answered-rank', '3'],
    ],
    ['feedback-import', ['feedback', 'import', 'feedback.csv']],
    ['feedback-list', ['feedback', 'list']],
    ['feedback-list', ['feedback', 'list', 'listener', '--snapshot', 'small']],
    ['feedback-export', ['feedback', 'export', '--out', join(makeDirectory(), 'feedback.parquet')]],
    ['feedback-undo', ['feedback', 'undo', 'listener', 'Plush']],
    ['feedback-undo', ['feedback', 'undo', 'a1']],
    ['feedback-verify', ['feedback', 'verify']],
    ['feedback-compact', ['feedback', 'compact']],
    ['feedback-forget', ['feedback', 'forget', 'listener', '--dry-run']],
    ['feedback-forget', ['feedback', 'forget', 'listener']],
    ['users-show', ['users', 'show', 'KGLK/2014-06-16', '-k', '3']],
    ['similar', ['similar', 'Plush', 'Come As You Are', '--minus', 'Hotel California']],
    ['similar', ['similar', 'Plush', '--exact', '--snapshot', 'small']],
    ['similar', ['similar', 'Nirvana', 'artist:Eagles', '--weights=1,-0.5', '--kind', 'artist']],
    ['recommend', ['recommend', 'KGLK/2014-06-16', '--kind', 'artist']],
    ['recommend', ['recommend', '--like', 'Plush']],
    ['recommend-recipe', ['recommend', 'KGLK/2014-06-16', '--recipe', 'discover', '--explain']],
    ['recommend-recipe', ['recommend', 'KGLK/2014-06-16', '--recipe', 'start-page', '--explain']],
    ['recommend-recipe', ['recommend', '--recipe', 'radio', '--seed-item', 'Plush', '--explain']],
    ['recommend-recipe', ['recommend', '--recipe', 'popular']],
    ['recipe-list', ['recipe', 'list']],
    ['recipe-show', ['recipe', 'show', 'new-user']],
    ['recipe-check', ['recipe', 'check', 'release-radar']],
    ['recommend', ['recommend', '--like', 'Plush', '--explain', '--why-not', 'Hotel California']],
    ['recommend', ['recommend', '--dislike', 'Plush', '--explain', '--why-not', 'Plush']],
    ['recommend', ['recommend', '--like', 'Plush', '--kind', 'artist', '--explain', '--why-not', 'Queen']],
    ['recommend', ['recommend', '--like', 'Plush', '--where', 'released > 1990']],
    ['similar', ['similar', 'Plush', '--where', 'artist ~ "eagles" and count > 3', '-k', '2']],
    ['user-vector', ['user-vector', '--like', 'Plush']],
    ['user-vector-explain', ['user-vector', 'KGLK/2014-06-16', '--explain']],
    ['user-vector-explain', ['user-vector', 'KGLK/2014-06-16', '--explain', '--half-life', '2h', '-k', '2']],
    ['train-dry-run', [...ease, '--dry-run']],
    ['train', [...ease, '--tag', 'matrix']],
    ['similar', ['similar', 'Plush', 'Come As You Are', '--snapshot', 'matrix']],
    ['recommend', ['recommend', '--like', 'Plush', '--snapshot', 'matrix']],
    ['user-vector-explain', ['user-vector', 'KGLK/2014-06-16', '--explain', '--snapshot', 'matrix']],
    ['diff-snapshots', ['diff-snapshots', 'small', 'matrix']],
    ['train', ['train', 'plays.csv.gz', '--model', 'popularity', '--tag', 'hits']],
    ['recommend', ['recommend', '--like', 'id:stone-temple-pilots-plush', '--snapshot', 'hits']],
    ['user-vector-explain', ['user-vector', 'KGLK/2014-06-16', '--explain', '--snapshot', 'hits']],
    ['report', ['report', 'hits', '--out', join(makeDirectory(), 'report.html')]],
    ['diff-snapshots', ['diff-snapshots', 'matrix', 'hits']],
    ['publish', ['publish', 'discover=small', 'radio=matrix']],
    ['publish', ['publish', 'discover=current', 'radio=hits', '--require', 'items>=1', '--dry-run']],
    ['publish', ['publish', 'radio=hits', 'discover=small', 'extra=hits']],
    ['diff-snapshots-bundles', ['diff-snapshots', 'previous', 'current', '--users', '20']],
    [
      'diff-snapshots-bundles',
      ['diff-snapshots', 'current', 'current', '--fail-on', 'members.removed>0', '--users', '20'],
    ],
    ['diff-snapshots', ['diff-snapshots', 'previous', 'current', '--as', 'radio', '--users', '20']],
    ['similar', ['similar', 'Plush', '--as', 'discover', '-k', '2']],
    ['recommend', ['recommend', '--like', 'id:stone-temple-pilots-plush', '--as', 'radio', '-k', '2']],
    ['users-show', ['users', 'show', 'KGLK/2014-06-16', '--as', 'discover', '-k', '3']],
    ['user-vector-explain', ['user-vector', 'KGLK/2014-06-16', '--explain', '--as', 'discover']],
    ['snapshots-list', ['snapshots', 'list']],
    ['snapshots-show', ['snapshots', 'show', '--as', 'radio']],
    ['snapshots-verify', ['snapshots', 'verify']],
    ['snapshots-history', ['snapshots', 'history', '-n', '2']],
    ['snapshots-tag', ['snapshots', 'tag', 'current', 'both']],
    ['rollback', ['rollback']],
    ['gc', ['gc', '--dry-run', '--keep', '0']],
    ['completion', ['completion', 'fish']],
    ['gc', ['gc', '--dry-run', '--keep', '0', '--older-than', '1s']],
    ['gc', ['gc', '--keep', '1']],
    ['train', ['train', 'plays.csv.gz', '--factors', '4', '--epochs', '1']],
    ['snapshots-delete', ['snapshots', 'delete', 'latest', '--force', '--dry-run']],
    ['snapshots-delete', ['snapshots', 'delete', 'latest', '--force']],
  ])('%s keeps to its schema: %j', async (schema, args) => {
    expect(await documentsOf(schema, args)).toHaveLength(1);
  });

  it('similar and recommend keep to their schemas with a vector from elsewhere', async () => {
    const vector = `${makeDirectory()}/vector.json`;
    writeFileSync(vector, JSON.stringify(Array.from({ length: 16 }, (_, f) => 1 / (f + 1))));
    const more = ['--vector', vector, '--max-per-artist', '1', '--snapshot', 'small'];
    expect(await documentsOf('similar', ['similar', ...more])).toHaveLength(1);
    expect(await documentsOf('recommend', ['recommend', ...more])).toHaveLength(1);
  });

  it('export and import keep to their schemas', async () => {
    const out = `${makeDirectory()}/items.arrow`;
    expect(await documentsOf('export', ['export', '--out', out])).toHaveLength(1);
    expect(await documentsOf('import-dry-run', ['import', out, '--dry-run'])).toHaveLength(1);
    expect(await documentsOf('import', ['import', out])).toHaveLength(1);
  });

  it('recommend and user-vector is one document a line for several users', async () => {
    const users = ['KGLK/2014-06-16', 'WXGL/2014-06-16'];
    expect(await documentsOf('recommend', ['recommend', ...users])).toMatchObject(
      users.map((user) => ({ user })),
    );
    expect(await documentsOf('user-vector', ['user-vector', ...users])).toMatchObject(
      users.map((user) => ({ user })),
    );
  });

  it.each<[string, number, string[]]>([
    ['bad-usage', 2, ['similar']],
    ['bad-input-file', 2, ['train', 'no-such-file.csv']],
    ['not-a-terminal', 2, ['browse']],
    ['item-not-found', 3, ['similar', 'Teen Spirit']],
    ['user-not-found', 3, ['recommend', 'KGLK']],
    ['snapshot-not-found', 3, ['similar', 'Plush', '--snapshot', 'nightly']],
    ['does-not-hold', 1, ['publish', '--require', 'recall@10>=2']],
    ['does-not-hold', 1, ['diff-snapshots', 'small', 'small', '--fail-on', 'overlap@10<=1']],
    ['does-not-hold', 1, ['publish', 'discover=small', '--require', 'items>=1e9']],
    ['does-not-hold', 1, ['diff-snapshots', 'both', 'both', '--fail-on', 'members.changed<1']],
    ['bad-usage', 2, ['similar', 'Plush', '--snapshot', 'both', '--as', 'deep']],
    ['bad-usage', 2, ['gc', '--older-than', 'yesterday']],
    ['in-use', 5, ['snapshots', 'delete', 'current']],
    ['conflict', 5, ['publish', 'small', '--expect', 'none']],
  ])('a failure keeps to its schema: %s', async (code, exitCode, args) => {
    const [document] = await documentsOf('error', args, exitCode);
    expect(document).toMatchObject({ error: { code } });
  });

  it('answers for many', async () => {
    const out = (name: string): string[] => ['--out', join(root, name), '-k', '2'];
    await documentsOf('recommend-all', ['recommend', '--all', ...out('everyone.parquet')]);
    await documentsOf('similar-all', ['similar', '--all', '--snapshot', 'small', ...out('near.arrow')]);
    await documentsOf('recommend', ['recommend', '--all', '--snapshot', 'small', '-k', '2']);
    await documentsOf('similar', ['similar', '--all', '--snapshot', 'small', '-k', '2']);
  });
});
