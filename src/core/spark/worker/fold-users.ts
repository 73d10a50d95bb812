import { openFold } from '../../models/folding/fold-in-everyone.js';
import { bytesOf } from '../../files/npy.js';
import { openModel } from '../../query/open-model.js';
import { rowsIn } from '../history-chunks.js';
import type { FoldUsers } from '../worker-jobs.js';
import { Growing } from './growing.js';
import type { OpenJob } from './open-job.js';
import { openShared } from './shared-files.js';

/** The fold by which everyone gets a vector on one machine, for one chunk of users after the other. */
export async function openFoldUsers(
  { snapshot }: FoldUsers,
  folder: string,
  threads: number,
): Promise<OpenJob> {
  const model = openModel(await openShared(snapshot, folder));
  const fold = model.fold();
  const never = new AbortController().signal;
  const batches = new Growing((mostUsers) =>
    openFold(fold, model.itemVectors, { mostUsers, threads }, never),
  );
  return {
    async answer({ blobs }) {
      const rows = rowsIn(blobs);
      const batch = await batches.for(rows.numRows);
      const { values, unconverged } = await batch.allOf(rows);
      return { head: { unconverged }, blobs: [bytesOf(values)] };
    },
    async close() {
      await batches.close();
      model.close();
    },
  };
}
