// Work of the library that is no task of its own, for sweeps: run by processes too, so plain JavaScript.
import { openPartialFile } from '#dist/core/files/partial-file.js';
import { openCheckpoints } from '#dist/core/checkpoints/checkpoints.js';
import { openLedger } from '#dist/core/ledger/open-ledger.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';

/** Makes a snapshot that shares the model of its parent and has a file of its own, and tags it. */
export async function makeChild({ root, content, file, base64, tag }, context) {
  const parent = await openForReading(root, content.parent, context);
  const draft = beginSnapshot(root, { estimatedBytes: 1000 }, context);
  try {
    draft.inherit(parent, ['model']);
    draft.write(file, [Buffer.from(base64, 'base64')]);
    await draft.commit(content, tag);
  } finally {
    draft.abandon();
    parent.close();
  }
}

/** Writes a file in three blocks and an end, or what is left of it. */
export function writeBlocks({ root }) {
  const file = openPartialFile(`${root}/answer`, { key: 'a', force: true });
  try {
    for (let at = file.found.length; at < 3; at++)
      file.append([Buffer.alloc(1000 * (at + 1), at + 1)], { at });
    file.commit([Buffer.from('end')]);
  } finally {
    file.close();
  }
}

/** Goes on from epoch 1, and saves epoch 2. */
export async function saveCheckpoint({ root, training }, context) {
  const checkpoints = await openCheckpoints(root, training, context);
  try {
    checkpoints.save(2, { epochs: [1, 2] }, new Map([['items', new Uint8Array(5000).fill(2)]]));
  } finally {
    checkpoints.close();
  }
}

/** Adds an entry to the ledger of a root. */
export async function addToLedger({ root }, context) {
  const ledger = await openLedger(`${root}/feedback`, context);
  try {
    const more = { scope: 'item', weight: 1_000_000_000n, atMs: 1 };
    await ledger.add([{ id: 'u/z/play/1', user: 'u', item: 'z', type: 'play', ...more }]);
  } finally {
    await ledger.close();
  }
}

/** Compacts the ledger of a root. */
export async function compactLedger({ root }, context) {
  const ledger = await openLedger(`${root}/feedback`, context);
  try {
    await ledger.compact(context);
  } finally {
    await ledger.close();
  }
}
