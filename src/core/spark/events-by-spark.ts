/** Events that Spark reads and adds up (src/spark/segue_events.py). */
import type { IdRun, PairRun } from '../events/counted-runs.js';
import type { NamedColumns, RemoteCounts, RemoteEvents } from '../events/read-elsewhere.js';
import type { Frame, Head } from './frames.js';

/** What the driver is asked, and answers. */
export type Request = (op: string, head: Head) => Promise<Frame>;

export function eventsBySpark(request: Request): RemoteEvents {
  const columnsOf = async (source: Head): Promise<NamedColumns> => {
    const { head } = await request('columns', { source });
    const { names, types } = head as unknown as NamedColumns;
    return { names, types };
  };
  return {
    async firstFile(path) {
      const { head, blobs } = await request('first_file', { path });
      const { name, gzip, bytes } = head as { name: string; gzip: boolean; bytes: number };
      return { name, gzip, bytes, head: Buffer.from(blobs[0] ?? []) };
    },
    columnsOfTable: (table) => columnsOf({ table }),
    columnsOfParquet: (path) => columnsOf({ path }),
    async count(sources, kept) {
      const { head } = await request('count', { sources, kept: kept ?? null });
      const { rows, skipped, bad, ...totals } = head as unknown as RemoteCounts & RemoteCounts['totals'];
      return { rows, skipped, bad, totals, runs: () => runsOf(request) };
    },
  };
}

async function* runsOf(request: Request): AsyncGenerator<IdRun | PairRun> {
  for (;;) {
    const { head, blobs } = await request('next_run', {});
    const { kind } = head;
    if (kind === 'users' || kind === 'items') {
      const [offsets = new Uint8Array(), bytes = new Uint8Array()] = blobs;
      yield { kind, offsets: new Int32Array(bufferOf(offsets)), bytes: Buffer.from(bytes) };
    } else if (kind === 'pairs') {
      yield pairRun(blobs);
    } else return;
  }
}

function pairRun(blobs: readonly Uint8Array[]): PairRun {
  const [user, item, count, weight, lastAt, flags] = blobs;
  if (!user || !item || !count || !weight || !lastAt || !flags)
    throw new RangeError(`pairs in ${blobs.length} arrays`);
  return {
    kind: 'pairs',
    user: new Uint32Array(bufferOf(user)),
    item: new Uint32Array(bufferOf(item)),
    count: new Uint32Array(bufferOf(count)),
    weight: new BigInt64Array(bufferOf(weight)),
    lastAt: new Float64Array(bufferOf(lastAt)),
    flags,
  };
}

/** Blobs of frames are memory of their own. */
function bufferOf(blob: Uint8Array): ArrayBufferLike {
  return blob.byteLength === blob.buffer.byteLength ? blob.buffer : blob.slice().buffer;
}
