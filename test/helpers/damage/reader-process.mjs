/**
 * A child that damages files of its root, one case after the other, and reads them as the commands do. A line of JSON in
 * is a case, a line out its outcome; before it reads, it says on a line what it is about to do, so that whoever watches
 * knows what it died of.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  AppError,
  openNeighbourSource,
  publish,
  recommend,
  similar,
  userVector,
} from '#dist/core/library.js';
import { canonicalJsonLines } from '#dist/core/snapshot/canonical-json.js';
import { sendCanary } from '#dist/core/snapshot/canary.js';
import { checkContents } from '#dist/core/snapshot/check-contents.js';
import { checksumOf, manifestText } from '#dist/core/snapshot/manifest.js';
import { openIndexSearch } from '#dist/core/snapshot/open-index.js';
import { openModel } from '#dist/core/query/open-model.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { hasVectors } from '#dist/core/snapshot/scorer.js';
import { identityOf } from '#dist/core/snapshot/stamp.js';
import { verifyFiles } from '#dist/core/snapshot/verify.js';
import { verifySnapshots } from '#dist/core/tasks/snapshots/verify.js';
import { readItemTable, readUserTable } from '#dist/core/tables/snapshot-tables.js';
import { openHistories, readHistories } from '#dist/core/histories/histories.js';
import { damaged, forgedField } from './damage.mjs';

const [root, idsText] = process.argv.slice(2);
/** By name: the ids of the snapshots. */
const ids = JSON.parse(idsText);
const context = { signal: new AbortController().signal, onProgress: () => undefined };
const pathIn = (id, file) => join(root, 'snapshots', id, file);
const modifiedAt = 1_700_000_000;

/** What commands do with a snapshot, by name; the answer is compared as JSON. */
const readers = {
  similar: (snapshot) =>
    similar(
      {
        root,
        snapshot,
        items: ['Name of song-17', 'id:song-100'],
        minus: ['song-200'],
        k: 10,
        kind: 'item',
        exact: false,
      },
      context,
    ),
  recommend: (snapshot) =>
    recommend(
      {
        root,
        snapshot,
        users: ['listener 0', 'listener 31', 'listener 59'],
        like: ['song-2'],
        dislike: [],
        exclude: ['song-9'],
        includeHeard: false,
        k: 10,
      },
      context,
    ),
  userVector: (snapshot) =>
    userVector(
      { root, snapshot, all: false, users: ['listener 1', 'listener 30'], like: [], dislike: [] },
      context,
    ),
  async browse(snapshot) {
    const { source } = await openNeighbourSource({ root, snapshot }, context);
    try {
      return [
        ...['', 'song-1', 'artist 7 name'].map((text) => source.search(text, 20)),
        source.neighbours(5, 20),
      ];
    } finally {
      source.close();
    }
  },
  misspelt: (snapshot) =>
    similar(
      { root, snapshot, items: ['Nmae of sogn-17'], minus: [], k: 10, kind: 'item', exact: true },
      context,
    ),
  stranger: (snapshot) =>
    recommend(
      { root, snapshot, users: ['listner 31'], like: [], dislike: [], exclude: [], includeHeard: true, k: 3 },
      context,
    ),
  /** The index, which small snapshots do not use. */
  index: (snapshot) =>
    opened(snapshot, async ({ has, file, manifest }) => {
      if (!has('index/item.lists.npy')) return 'none';
      const search = await openIndexSearch(file, manifest.index.item, { maxK: 10, inMemory: false });
      try {
        return [0, 150, 299].map((row) => search.best(search.vectorOf(row), 10, [row]));
      } finally {
        search.close();
      }
    }),
  tables: (snapshot) =>
    opened(snapshot, async ({ has, file }) => {
      const { ids: items, counts, names, columns } = await readItemTable(file('model/item.arrow'));
      const text = (column) => Array.from({ length: column.length }, (_, row) => column.at(row));
      const users = has('users/users.arrow') ? await readUserTable(file('users/users.arrow')) : undefined;
      return [
        text(items),
        [...counts],
        text(names),
        columns,
        users === undefined ? [] : [text(users.ids), [...users.counts]],
      ];
    }),
  /** All histories at once, and everyone's vector from their own. */
  everyone: (snapshot) =>
    opened(snapshot, (open) => {
      const numItems = open.manifest.inputs.interactions.items;
      const path = (name) => open.file(`users/history/${name}.npy`);
      const pairs = readHistories(path, numItems);
      const model = hasVectors(open) ? openModel(open) : undefined;
      let histories;
      try {
        histories = openHistories(path, numItems);
        const fold = model?.fold();
        const users = Array.from({ length: histories.numUsers }, (_, user) => {
          const history = histories.read(user);
          return fold === undefined ? [...history.item] : [...fold.one(history, model.itemVectors).vector];
        });
        return [pairs.numUsers, [...pairs.item], users];
      } finally {
        histories?.close();
        model?.close();
      }
    }),
  /** The process that opens everything before anyone who matters does. */
  realCanary: (snapshot) =>
    sendCanary(pathIn(snapshot, ''), readManifest(pathIn(snapshot, 'manifest.json')), context),
  verify: async (snapshot) => (await verifySnapshots({ root, snapshots: [snapshot] }, context)).verdicts,
  publishDry: (snapshot) => published(snapshot, true),
  publish: (snapshot) => published(snapshot, false),
};

async function published(snapshot, dryRun) {
  const result = await publish({ root, snapshot, require: [], dryRun }, context);
  return { ...result, seconds: 0 };
}

async function opened(reference, ask) {
  const snapshot = await openForReading(root, reference, context);
  try {
    return await ask(snapshot);
  } finally {
    snapshot.close();
  }
}

/** An answer, an error that names what is wrong, or a bug. */
async function outcomeOf(read) {
  try {
    return {
      answer: createHash('sha256')
        .update(JSON.stringify((await read()) ?? null))
        .digest('hex'),
    };
  } catch (error) {
    if (!(error instanceof AppError)) return { bug: error instanceof Error ? error.stack : String(error) };
    const { code, exitCode, message, details } = error;
    return { code, exitCode, message: message.slice(0, 500), file: details.file };
  }
}

function say(line) {
  fs.writeSync(1, `${JSON.stringify(line)}\n`);
}

/** The bytes of a file as they were, read once. */
const originals = new Map();
function original(path) {
  let bytes = originals.get(path);
  if (bytes === undefined) originals.set(path, (bytes = fs.readFileSync(path)));
  return bytes;
}

/** Times in whole seconds can be set back to the nanosecond. */
function settle(path) {
  fs.utimesSync(path, modifiedAt, modifiedAt);
}

function put(path, bytes, way) {
  if (way === 'replaced') {
    fs.writeFileSync(`${path}.new`, bytes);
    fs.renameSync(`${path}.new`, path);
    return;
  }
  fs.writeFileSync(path, bytes);
  if (way === 'mtimeKept') settle(path);
}

function putBack(path) {
  fs.writeFileSync(path, original(path));
  settle(path);
}

function stampPath(id) {
  return join(root, 'stamps', id);
}

/** What openForReading notes after it has verified a snapshot, without the verifying. */
function stamp(id, manifest) {
  const names = Object.keys(manifest.files);
  const files = Object.fromEntries(
    names.map((name) => [name, identityOf(fs.lstatSync(pathIn(id, name), { bigint: true }))]),
  );
  fs.writeFileSync(stampPath(id), canonicalJsonLines({ manifest: manifest.checksum, files }));
}

const intact = new Map();
function manifestOf(id) {
  let manifest = intact.get(id);
  if (manifest === undefined) intact.set(id, (manifest = JSON.parse(original(pathIn(id, 'manifest.json')))));
  return manifest;
}

function bytesFor({ id, file, damage }) {
  const bytes = original(pathIn(id, file));
  if (damage.kind === 'swap') return original(pathIn(id, damage.file));
  if (damage.kind === 'other') return original(pathIn(ids.other, file));
  return damaged(bytes, damage);
}

/** Damage as it happens: the sums say what the bytes were. */
async function withSumsLeft({ number, id, file, damage, way, stamped, reads }) {
  const path = pathIn(id, file);
  const bytes = bytesFor({ id, file, damage });
  if (stamped) stamp(id, manifestOf(id));
  else fs.rmSync(stampPath(id), { force: true });
  put(path, bytes, way);
  const outcomes = {};
  try {
    for (const name of reads) {
      say({ number, doing: name });
      outcomes[name] = await outcomeOf(() => readers[name](id));
    }
  } finally {
    putBack(path);
  }
  return { different: !bytes.equals(original(path)), outcomes };
}

/** A manifest that states the sums of hostile files. */
async function withSumsForged({ number, id, file, damage, reads }) {
  const path = pathIn(id, file);
  const manifestPath = pathIn(id, 'manifest.json');
  const forged = JSON.parse(JSON.stringify(manifestOf(id)));
  let bytes = original(path);
  if (file === 'manifest.json') forgedField(forged, damage.seed);
  else {
    bytes = bytesFor({ id, file, damage });
    forged.files[file] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  forged.checksum = checksumOf(forged);
  const text = Buffer.from(manifestText(forged));
  const different =
    file === 'manifest.json' ? !text.equals(original(manifestPath)) : !bytes.equals(original(path));
  fs.rmSync(stampPath(id), { force: true });
  if (file !== 'manifest.json') put(path, bytes, 'inPlace');
  put(manifestPath, text, 'inPlace');
  const outcomes = {};
  try {
    // What the canary's process does, in this one: it may die, and must not.
    say({ number, doing: 'canary' });
    outcomes.canary = await outcomeOf(async () => {
      const manifest = readManifest(manifestPath);
      await verifyFiles(pathIn(id, ''), manifest, context);
      await checkContents(pathIn(id, ''), manifest);
      stamp(id, manifest);
    });
    if (outcomes.canary.answer !== undefined) {
      for (const name of reads) {
        say({ number, doing: name });
        outcomes[name] = await outcomeOf(() => readers[name](id));
      }
    }
  } finally {
    putBack(manifestPath);
    if (file !== 'manifest.json') putBack(path);
  }
  return { different, outcomes };
}

/** The answers of the snapshots as they are. */
async function intactAnswers({ id, reads }) {
  const outcomes = {};
  for (const name of reads) {
    stamp(id, manifestOf(id));
    outcomes[name] = await outcomeOf(() => readers[name](id));
  }
  return { outcomes };
}

for (const id of Object.values(ids)) {
  for (const file of ['manifest.json', ...Object.keys(manifestOf(id).files)]) {
    fs.chmodSync(pathIn(id, file), 0o644);
    settle(pathIn(id, file));
  }
}
const ways = { left: withSumsLeft, forged: withSumsForged, intact: intactAnswers };
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const result = await ways[request.sums](request);
  const openFiles = fs.readdirSync('/proc/self/fd').length;
  say({ number: request.number, ...result, openFiles, peakBytes: process.resourceUsage().maxRSS * 1024 });
}
