import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { useCanaryHere } from '../helpers/canary-here.js';
import { requireSchema } from '../helpers/json-schemas.js';
import { smallRock } from '../helpers/small-rock.js';
import { runHere } from '../helpers/run-here.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

useCanaryHere();

const makeDirectory = temporaryDirectories('file');
let root = '';
const gates = join(makeDirectory(), 'segue-gates.yaml');
const newSongs = join(makeDirectory(), 'new-songs.csv');
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
  writeFileSync(newSongs, 'id,name,artist\nnirvana-new,New,Nirvana\nnobody-new,New too,Nobody\n');
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
  for (const document of documents) requireSchema(schema, document);
  return documents;
}

const train = ['train', 'plays.csv.gz', '--items', 'items.csv', '--factors', '16', '--epochs', '1'];
const ease = ['train', 'plays.csv.gz', '--items', 'items.csv', '--model', 'ease', '--holdout', '0.2'];

const feedback = ['feedback', 'add', 'listener'];

describe('the JSON of', () => {
  it.each<[string, string[]]>([
    ['help', ['--help']],
    ['help', ['snapshots', '--help']],
    ['help', ['help', 'similar']],
    ['version', ['--version']],
    ['train-dry-run', [...train, '--dry-run']],
    ['train', [...train, '--tag', 'small']],
    ['items-add', ['items', 'add', newSongs, '--to', 'small', '--tag', 'grown']],
    ['train', train],
    ['evaluate', ['evaluate', 'plays.csv.gz', '--factors', '8', '--epochs', '2', '--bootstrap', '20']],
    ['evaluate', ['evaluate', '--snapshot', 'small', '--snapshot', 'latest', '--test', 'plays.csv.gz']],
    ['evaluate', ['evaluate', 'plays.csv.gz', '--split-at', '0.5', '--epochs', '1', '--bootstrap', '0']],
    ['evaluate', ['evaluate', 'plays.csv.gz', '--model', 'popularity', '--bootstrap', '0']],
    [
      'evaluate',
      [...'evaluate plays.csv.gz --items items.csv --split cold-items --factors 4 --epochs 1'.split(' ')],
    ],
    ['tune', ['tune', 'plays.csv.gz', '--factors', '8', '--epochs', '2', '--trials', '2']],
    ['tune', ['tune', 'plays.csv.gz', '--model', 'all', '--epochs', '1', '--trials', '1']],
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
    ['snapshots-list', []],
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
    ['recipe-list', ['recipe', 'list']],
    ['recipe-show', ['recipe', 'show', 'new-user']],
    ['recipe-check', ['recipe', 'check', 'release-radar']],
    ['train-dry-run', [...ease, '--dry-run']],
    ['train', [...ease, '--tag', 'matrix']],
    ['diff-snapshots', ['diff-snapshots', 'small', 'matrix']],
    ['train', ['train', 'plays.csv.gz', '--model', 'popularity', '--tag', 'hits']],
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

  it.each<[string, number, string[]]>([
    ['bad-input-file', 2, ['train', 'no-such-file.csv']],
    ['not-a-terminal', 2, ['browse']],
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
  });
});
