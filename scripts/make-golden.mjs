// Makes the snapshots and answers that tests of the format hold every later segue against (test/golden/README.md):
//
//   npm run build && node scripts/make-golden.mjs test/golden/v1
//
// Run once for each version of the format, by the segue that wrote it first. It refuses a directory that exists.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { openIvfSearch } from '#dist/core/search/ivf-search.js';
import { publishSnapshot } from '#dist/core/publishing/publish.js';

const [target] = process.argv.slice(2);
if (target === undefined || existsSync(target)) {
  console.error(
    'usage: node scripts/make-golden.mjs DIRECTORY, which must not exist yet: golden files never change',
  );
  process.exit(2);
}
const repository = fileURLToPath(new URL('..', import.meta.url));
const example = join(repository, 'examples/classic-rock');
const root = join(resolve(target), 'root');
const scratch = mkdtempSync(join(tmpdir(), 'segue-golden-'));
/** Questions are put to a copy: answering writes stamps, and publishing history. */
const askedRoot = join(scratch, 'root');
const files = {
  plays: join(scratch, 'plays.csv'),
  items: join(scratch, 'items.csv'),
  newer: join(scratch, 'newer.csv'),
};

/** Three stations of the example, and what they played on ten days or more: few enough files to keep for good. */
function writeInputs() {
  const [header, ...rows] = gunzipSync(readFileSync(join(example, 'plays.csv.gz')))
    .toString()
    .trimEnd()
    .split('\n');
  const ofStations = rows.filter((row) => /^(?:KGON|KSEG|WXGL)\//.test(row));
  const days = new Map();
  for (const row of ofStations) {
    const [day, item] = row.split(',');
    days.set(item, (days.get(item) ?? new Set()).add(day));
  }
  const often = ofStations.filter((row) => days.get(row.split(',')[1]).size >= 10);
  writeFileSync(files.plays, `${[header, ...often].join('\n')}\n`);
  const played = new Set(often.map((row) => row.split(',')[1]));
  const [columns, ...catalogue] = readFileSync(join(example, 'items.csv'), 'utf8').trimEnd().split('\n');
  const known = catalogue.filter((row) => played.has(row.split(',')[0]));
  // Two that nobody played, for names that have to be folded, and one without a year.
  const unplayed = ['x-strasse,Große Straße,Überzug,1981', 'x-odos,ΟΔΟΣ Σίσυφος,Σ,'];
  writeFileSync(files.items, `${[columns, ...known, ...unplayed].join('\n')}\n`);
  const [one, two, three, four] = [...played];
  const newer = [
    'user,item,time,type',
    ...[one, two].map((item) => `someone-new,${item},2014-07-01T12:00:00Z,like`),
    `someone-new,${three},2014-07-01T12:01:00Z,dislike`,
    `someone-new,${four},2014-07-01T12:02:00Z,ban`,
  ];
  writeFileSync(files.newer, `${newer.join('\n')}\n`);
  return [one, two, three].map((id) => ({
    id,
    name: known.find((row) => row.startsWith(`${id},`)).split(',')[1],
  }));
}

function segue(inRoot, args) {
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('SEGUE_'));
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(repository, 'bin/run.js'), ...args, '--json', '--root', inRoot],
    { env: Object.fromEntries(environment), encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  return {
    code: status,
    documents: stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
}

function make(...args) {
  const { code, documents } = segue(root, args);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${JSON.stringify(documents)}`);
  return documents[0].snapshot;
}

/**
 * What every later segue answers in the same way: not how long it took, nor the words of an error, nor which settings
 * a comparison finds worth a line.
 */
function ask(...args) {
  const { code, documents } = segue(askedRoot, args);
  const answers = documents.map((document) => {
    if (document.error !== undefined) return { error: { code: document.error.code } };
    const passing = ['seconds', ...(args[0] === 'diff-snapshots' ? ['settings', 'metrics'] : [])];
    return Object.fromEntries(Object.entries(document).filter(([key]) => !passing.includes(key)));
  });
  return { args, code, answers };
}

const [one, two, three] = writeInputs();
const train = ['train', files.plays, '--items', files.items];
const vectors = ['--factors', '8', '--epochs', '4'];
const parent = make(...train, ...vectors);
const indexed = make('build-index', '--tag', 'indexed');
const made = {
  indexed,
  newer: make('user-vector', '--all', '--events', files.newer, '--tag', 'newer'),
  alone: make(...train, ...vectors, '--without-users', '--tag', 'alone'),
  item2vec: make(...train, '--model', 'item2vec', ...vectors, '--tag', 'item2vec'),
  ease: make(...train, '--model', 'ease', '--tag', 'ease'),
  popularity: make(...train, '--model', 'popularity', '--tag', 'popularity'),
};

// The parent of the indexed one stays behind: every snapshot is whole by itself.
rmSync(join(root, 'snapshots', parent), { recursive: true });
const context = { signal: new AbortController().signal, onProgress: () => undefined };
for (const [day, reference] of ['indexed', 'newer'].entries()) {
  const note = { op: 'publish', time: `2026-01-0${day + 1}T00:00:00.000Z`, who: 'golden@example', why: null };
  await publishSnapshot(root, { reference, expect: undefined, gates: [], dryRun: false, note }, context);
}
// What belongs to this machine.
for (const name of ['stamps', 'lock', 'trash']) rmSync(join(root, name), { recursive: true, force: true });

cpSync(root, askedRoot, { recursive: true, verbatimSymlinks: true });

const user = 'KGON/2014-06-17';
const questions = [];
for (const name of Object.keys(made)) {
  const of = ['--snapshot', name];
  questions.push(
    ask('similar', one.id, '-k', '5', ...of),
    ask('similar', two.name, `id:${three.id}`, '--minus', one.id, '-k', '3', ...of),
    ask('similar', 'GROSSE STRASSE', ...of),
    ask('recommend', user, '-k', '5', ...of),
    ask('recommend', '--like', one.name, '--dislike', three.name, '-k', '5', ...of),
    ask('user-vector', user, ...of),
    ask('user-vector', '--like', one.id, '--like', two.id, ...of),
    ask('diff-snapshots', 'indexed', name, '-k', '3'),
  );
}
questions.push(
  ask('recommend', 'someone-new', user, '-k', '5', '--snapshot', 'current'),
  ask('diff-snapshots', 'previous', 'current', '-k', '3', '--fail-on', 'overlap@10<1'),
  ask('diff-snapshots', 'item2vec', 'ease', '-k', '3', '--sample', '20'),
  ask('publish', made.alone, '--require', 'recall@10>=0.5', '--dry-run'),
  ...Object.values(made).map((id) => ask('publish', id)),
);
const lines = questions.map((question) => `    ${JSON.stringify(question)}`).join(',\n');
writeFileSync(
  join(resolve(target), 'answers.json'),
  `{\n  "made": ${JSON.stringify(made)},\n  "nearestByIndex": ${JSON.stringify(nearestByIndex())},\n  "questions": [\n${lines}\n  ]\n}\n`,
);

/** `similar` reads an index only where it pays, which is with more items than these. */
function nearestByIndex() {
  const file = (name) => join(root, 'snapshots', indexed, name);
  const { probes } = JSON.parse(readFileSync(file('manifest.json'), 'utf8')).index.item;
  const paths = { vectors: file('model/item.npy') };
  for (const array of ['centroids', 'lists', 'rows', 'offsets'])
    paths[array] = file(`index/item.${array}.npy`);
  const search = openIvfSearch(paths, { probes, maxK: 3 });
  try {
    return Array.from({ length: 5 }, (_, row) => search.best(search.vectorOf(row), 3, [row]));
  } finally {
    search.close();
  }
}

rmSync(scratch, { recursive: true });
console.log(`${target}: ${Object.keys(made).length} snapshots, ${questions.length} questions`);
