/** Reads and adds up events for one connection, so for one task at a time. Started by event-thread.ts. */
import { parentPort } from 'node:worker_threads';
import { addUpEvents } from '../../events/elsewhere/add-up-events.js';
import { textIn } from '../../events/elsewhere/blob-arrays.js';
import { countItems } from '../../events/elsewhere/count-items.js';
import { EventSplitter, type Split } from '../../events/elsewhere/event-splitter.js';
import type { Frame } from '../frames.js';
import type { EventMessage, SplitEvents } from '../worker-jobs.js';
import { answered } from './answered.js';

/** That of the task that asks. */
let splitter: { readonly task: number; readonly of: EventSplitter } | undefined;

parentPort?.on('message', (message: EventMessage) => {
  void answered(() => answer(message)).then(({ head, blobs }) => {
    parentPort?.postMessage({ head, blobs }, [...new Set(blobs.map(({ buffer }) => buffer as ArrayBuffer))]);
  });
});

function answer({ head, blobs, items }: EventMessage): Frame {
  const { job, task, isLast } = head;
  switch (job.job) {
    case 'split-events': {
      const { parts, blobs: found } = split(job, task, blobs, isLast === true);
      return { head: { parts }, blobs: found };
    }
    case 'count-items': {
      const { notes, blobs: found } = countItems(job.sources, blobs);
      return { head: { ...notes }, blobs: found };
    }
    case 'add-up-events': {
      if (items === undefined) throw new Error('there are no items');
      const { blobs: found, ...times } = addUpEvents(blobs, items);
      return { head: times, blobs: found };
    }
  }
}

function split(job: SplitEvents, task: number, blobs: readonly Uint8Array[], isLast: boolean): Split {
  if (splitter?.task !== task) splitter = { task, of: new EventSplitter(job) };
  const { of } = splitter;
  if (isLast) {
    splitter = undefined;
    return of.take();
  }
  const columns = Array.from({ length: blobs.length / 2 }, (_, at) =>
    textIn(blobs[2 * at], blobs[2 * at + 1]),
  );
  return of.add(columns);
}
