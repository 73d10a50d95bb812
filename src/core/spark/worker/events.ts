/** Reads and adds up events for one connection, so for one task at a time. Started by event-thread.ts. */
import { parentPort } from 'node:worker_threads';
import { stringColumnFrom } from '../../tables/string-column.js';
import { finderIn } from '../../tables/row-finder.js';
import type { Frame } from '../frames.js';
import { addUpEvents } from './add-up-events.js';
import { answered } from './answered.js';
import { countItems } from './count-items.js';
import type { EventMessage } from './event-thread.js';
import { EventSplitter } from './event-splitter.js';
import { textIn } from '../blob-arrays.js';

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
      if (splitter?.task !== task) splitter = { task, of: new EventSplitter(job) };
      const columns = Array.from({ length: blobs.length / 2 }, (_, at) =>
        textIn(blobs[2 * at], blobs[2 * at + 1]),
      );
      const found = splitter.of.add(columns);
      if (isLast !== true) return found;
      const last = splitter.of.take();
      splitter = undefined;
      return last;
    }
    case 'count-items':
      return countItems(job, blobs);
    case 'add-up-events': {
      if (items === undefined) throw new Error('there are no items');
      return addUpEvents(blobs, finderIn(stringColumnFrom(items.bytes, items.offsets), items.slots));
    }
  }
}
