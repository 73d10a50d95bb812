/** Events that Spark reads and adds up (src/spark/segue_events.py). */
import type { TaskContext } from '../contracts.js';
import type { IdRun, PairRun } from '../events/counted-runs.js';
import type { NamedColumns, RemoteCounts, RemoteEvents } from '../events/read-elsewhere.js';
import type { Frame, Head } from './frames.js';

/** What the driver is asked, and answers. */
export type Request = (op: string, head: Head) => Promise<Frame>;

/** How often the driver is asked how far it is. */
const askedMs = 1000;
const adding = 'adding up events';

export function eventsBySpark(request: Request, context: TaskContext): RemoteEvents {
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
      context.onProgress({ kind: 'step', phase: adding, done: 0, total: undefined, unit: 'tasks' });
      const counting = request('count', { sources, kept: kept ?? null });
      const { head } = await whileTold(adding, counting, request, context);
      const { rows, skipped, bad, ...totals } = head as unknown as RemoteCounts & RemoteCounts['totals'];
      return { rows, skipped, bad, totals, runs: () => runsOf(request, totals.pairs, context) };
    },
  };
}

/** What `asked` resolves with, and until then how many tasks of the stages that run are done. */
async function whileTold<T>(
  phase: string,
  asked: Promise<T>,
  request: Request,
  { onProgress }: TaskContext,
): Promise<T> {
  let isOver = false;
  const tell = async (): Promise<void> => {
    const { head } = await request('tasks', {});
    if (isOver) return;
    const [done, total] = [Number(head['done']), Number(head['total'])];
    onProgress({ kind: 'step', phase, done, total: total === 0 ? undefined : total, unit: 'tasks' });
  };
  // Whoever cannot be asked has failed at what is waited for too.
  const timer = setInterval(() => void tell().catch(() => undefined), askedMs);
  try {
    return await asked;
  } finally {
    isOver = true;
    clearInterval(timer);
  }
}

async function* runsOf(
  request: Request,
  total: number,
  context: TaskContext,
): AsyncGenerator<IdRun | PairRun> {
  let done = 0;
  let next = whileTold('sorting users, items and pairs', request('next_run', {}), request, context);
  for (;;) {
    const { head, blobs } = await next;
    const { kind } = head;
    if (kind === 'users' || kind === 'items') {
      const [offsets = new Uint8Array(), bytes = new Uint8Array()] = blobs;
      yield { kind, offsets: new Int32Array(bufferOf(offsets)), bytes: Buffer.from(bytes) };
    } else if (kind === 'pairs') {
      const run = pairRun(blobs);
      done += run.user.length;
      context.onProgress({ kind: 'step', phase: 'receiving pairs', done, total, unit: 'pairs' });
      yield run;
    } else return;
    next = request('next_run', {});
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
