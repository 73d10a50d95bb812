import { openFold } from '../../models/folding/fold-in-everyone.js';
import { bytesOf } from '../../files/npy.js';
import { openModel } from '../../query/open-model.js';
import { historiesIn } from '../history-chunks.js';
import type { FoldUsers } from '../worker-jobs.js';
import { Growing } from './growing.js';
import type { OpenJob } from './open-job.js';
import { openShared } from './shared-files.js';

/** The fold by which everyone gets a vector on one machine, for one chunk of users after the other. */
export async function openFoldUsers(
  { snapshot, decay }: FoldUsers,
  folder: string,
  threads: number,
): Promise<OpenJob> {
  const model = openModel(await openShared(snapshot, folder));
  const fold = model.fold(decay);
  const quiet = { signal: new AbortController().signal, onProgress: () => undefined };
  const batches = new Growing((mostUsers) =>
    openFold(fold, model.itemVectors, { mostUsers, threads }, quiet.signal),
  );
  return {
    async answer({ blobs }) {
      const histories = historiesIn(blobs, model.itemVectors.numRows);
      const batch = await batches.for(histories.numUsers);
      const { batches: found, unconverged } = batch.all(histories, quiet);
      const values = new Float32Array(histories.numUsers * fold.dim);
      let at = 0;
      for await (const some of found) {
        values.set(some, at);
        at += some.length;
      }
      return { head: { unconverged: unconverged() }, blobs: [bytesOf(values)] };
    },
    async close() {
      await batches.close();
      model.close();
    },
  };
}
