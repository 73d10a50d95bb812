// Makes, publishes, tags, rolls back, collects and checkpoints in a loop, until its machine fails. Before each change it says
// "about …" on stdout, and after it, once the library has returned, "done …". Arguments: the root, which fsyncs really
// happen, the contents of a manifest, and after how many changes it stops itself in the middle of another, at which
// of its fsyncs (0: never).
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import './quiet-canary.mjs';

const [, , root, synced, contentJson, stopAfter = '', stopAtFsync = '0'] = process.argv;
let numDone = 0;
let numFsyncs = 0;

// What the controls leave out. Set before anything of segue is loaded.
const { fsyncSync } = fs;
fs.fsyncSync = (fd) => {
  if (stopAtFsync !== '0' && numDone >= Number(stopAfter) && ++numFsyncs === Number(stopAtFsync))
    process.kill(process.pid, 'SIGSTOP');
  const kind = fs.fstatSync(fd).isDirectory() ? 'directories' : 'files';
  if (synced === 'all' || synced === kind) fsyncSync(fd);
};
syncBuiltinESMExports();

const { npyHeader } = await import('#dist/core/files/npy.js');
const { openCheckpoints } = await import('#dist/core/checkpoints/checkpoints.js');
const { tagSnapshot } = await import('#dist/core/snapshot/links.js');
const { listSnapshotIds, readCurrent } = await import('#dist/core/snapshot/resolve-reference.js');
const { openForReading } = await import('#dist/core/snapshot/open-snapshot.js');
const { beginSnapshot } = await import('#dist/core/snapshot/writing/write-snapshot.js');
const { gc } = await import('#dist/core/tasks/gc.js');
const { publish } = await import('#dist/core/tasks/publish.js');
const { rollback } = await import('#dist/core/tasks/rollback.js');

const context = { signal: new AbortController().signal, onProgress: () => undefined };
const say = (...words) => fs.writeSync(1, `${words.join(' ')}\n`);

async function change(what, run) {
  say('about', what);
  await run();
  say('done', what);
  numDone++;
}

const npy = (dtype, shape, values) => Buffer.concat([npyHeader(dtype, shape), Buffer.from(values.buffer)]);
const idOf = (number) => number.toString(16).padStart(16, '0');

async function make(number, parentId, tag) {
  const parent = parentId === undefined ? undefined : await openForReading(root, parentId, context);
  const draft = beginSnapshot(root, { estimatedBytes: 1000 }, context);
  try {
    if (parent === undefined) {
      draft.write('model/item.npy', [npy('<f4', [3, 2], new Float32Array(6).fill(number))]);
      draft.write('model/eigenvalues.npy', [npy('<f8', [2], new Float64Array(2).fill(number))]);
    } else {
      draft.inherit(parent, ['model']);
      draft.write('index/item.rows.npy', [npy('<u4', [3], new Uint32Array(3).fill(number))]);
    }
    const id = idOf(number);
    const basis = parent?.basis ?? id;
    await draft.commit({ ...JSON.parse(contentJson), id, basis, parent: parentId ?? null }, tag);
  } finally {
    draft.abandon();
    parent?.close();
  }
}

say('ready');
const made = listSnapshotIds(root);
const checkpoints = await openCheckpoints(root, 'f'.repeat(16), context);
const first = Number.parseInt(made.at(-1) ?? '0', 16) + 1;
for (let number = first; ; number++) {
  const id = idOf(number);
  const parent = number % 3 === 0 ? made.at(-1) : undefined;
  const tag = number % 2 === 0 ? 'best' : undefined;
  await change(`make ${id}`, () => make(number, parent, tag));
  made.push(id);
  const before = readCurrent(root);
  await change(`publish ${id}`, () => publish({ root, snapshot: id, require: [], dryRun: false }, context));
  if (number % 4 === 0) await change(`tag ${id}`, () => tagSnapshot(root, id, 'good'));
  if (number % 5 === 0 && before !== undefined)
    await change(`publish ${before}`, () => rollback({ root, dryRun: false }, context));
  if (number % 3 === 1) {
    const { snapshots } = await gc({ root, keep: 2, dryRun: true }, context);
    const ids = snapshots.filter(({ collected }) => collected).map(({ snapshot }) => snapshot);
    await change(`collect ${ids.join(',')}`, () => gc({ root, keep: 2, dryRun: false }, context));
  }
  const epoch = (checkpoints.found?.epoch ?? 0) + number - first + 1;
  const arrays = new Map([['items', new Uint8Array(5000).fill(epoch % 256)]]);
  await change(`checkpoint ${epoch}`, () => checkpoints.save(epoch, {}, arrays));
}
