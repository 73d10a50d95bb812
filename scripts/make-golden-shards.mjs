// Makes the snapshots of format version 3 that every later segue is held against (test/golden/README.md):
//
//   npm run build && node scripts/make-golden-shards.mjs test/golden/v3
//
// They are those of test/golden/v1, with their ids, users written into shards: what a snapshot answers does not depend on it, so
// the answers are those of version 1. Run once; it refuses a directory that exists.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { allocateFactors, factorBytes, paddedDim } from '#dist/core/compute/factors.js';
import { vectorBatches } from '#dist/core/compute/vector-file.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { openStoredArray, openStoredVectors } from '#dist/core/snapshot/users/stored-arrays.js';
import { readStoredHistories } from '#dist/core/snapshot/users/stored-histories.js';
import { readStoredTable } from '#dist/core/snapshot/users/stored-tables.js';
import { contentOf } from '#dist/core/snapshot/writing/derive.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { writeUsers } from '#dist/core/snapshot/writing/write-users.js';

/** Writes a snapshot into another root, under the same id, as it would be where a part of users/ held no more than `limits`. */
export async function writeWithLimits(root, reference, target, limits) {
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const snapshot = await openForReading(root, reference, context);
  const draft = beginSnapshot(target, { estimatedBytes: 1000 }, context);
  try {
    const { dim } = snapshot.manifest.model;
    const { ids } = await readStoredTable(snapshot);
    const read = (open, into) => {
      const file = open();
      into(file);
      file.close();
    };
    let vectors;
    if (snapshot.hasUsers('users/users.npy')) {
      const workspace = openWorkspace(factorBytes(ids.length, paddedDim(dim)));
      const users = allocateFactors(workspace, ids.length, paddedDim(dim));
      read(
        () => openStoredVectors(snapshot),
        (file) => file.readAllInto(workspace, users.address),
      );
      vectors = vectorBatches(workspace, users.address, ids.length, dim);
    }
    let imported;
    if (snapshot.hasUsers('users/imported.npy')) {
      imported = new Uint8Array(ids.length);
      read(
        () => openStoredArray(snapshot, 'users/imported.npy', '|u1', []),
        (file) => file.readInto(imported, 0),
      );
    }
    draft.inherit(snapshot, ['model', 'index']);
    await writeUsers(
      draft,
      { vectors, dim, ids, histories: readStoredHistories(snapshot), imported },
      limits,
    );
    return await draft.commit(contentOf(snapshot.manifest));
  } finally {
    draft.abandon();
    snapshot.close();
  }
}

if (process.argv[1] === import.meta.filename) {
  const [target] = process.argv.slice(2);
  if (target === undefined || existsSync(target)) {
    console.error('usage: node scripts/make-golden-shards.mjs DIRECTORY, which must not exist yet');
    process.exit(2);
  }
  const golden = fileURLToPath(new URL('../test/golden/v1', import.meta.url));
  const scratch = mkdtempSync(join(tmpdir(), 'segue-golden-'));
  const root = join(scratch, 'root');
  cpSync(golden, target, { recursive: true, verbatimSymlinks: true });
  cpSync(join(golden, 'root'), root, { recursive: true, verbatimSymlinks: true });
  const answersPath = join(target, 'answers.json');
  const answered = JSON.parse(readFileSync(answersPath, 'utf8'));
  const { questions } = answered;
  for (const id of readdirSync(join(root, 'snapshots'))) {
    const manifest = JSON.parse(readFileSync(join(root, 'snapshots', id, 'manifest.json'), 'utf8'));
    if (manifest.users === null) continue;
    const limits = { idBytes: 150, pairs: 1200 };
    const { path, manifest: written } = await writeWithLimits(root, id, join(scratch, 'written'), limits);
    const sizes = (files) => [files.length, files.reduce((sum, { bytes }) => sum + bytes, 0)];
    const [files, bytes] = sizes(Object.values(written.files));
    for (const { answers } of questions)
      if (answers[0].published === id) answers[0].verified = { files, bytes };
    rmSync(join(target, 'root/snapshots', id), { recursive: true });
    cpSync(path, join(target, 'root/snapshots', id), { recursive: true });
  }
  // Of publishing: shards are files too.
  writeFileSync(answersPath, `${JSON.stringify(answered, null, 2)}\n`);
  rmSync(scratch, { recursive: true });
}
