/**
 * The thread that keeps the memory which others share. It ends with them, and the memory with it: a thread that lives on would
 * keep it until its next garbage collection, which may be long after. Started by shared-memories.ts.
 */
import { parentPort, type MessagePort } from 'node:worker_threads';
import {
  empty,
  type GivenMemory,
  type SharedMemory,
  type ToKeeper,
  type WantedMemory,
} from './keeper-messages.js';
import { thrownAs } from './thrown.js';
import { openMemory } from './workspace.js';

const memories = new Map<string, SharedMemory>();
const ports = new Map<number, MessagePort>();

parentPort?.on('message', (message: ToKeeper) => {
  if ('leaves' in message) {
    leave(message.leaves);
    return;
  }
  const { joins, port, answered } = message;
  ports.set(joins, port);
  port.on('message', (wanted: WantedMemory) => {
    port.postMessage(give(wanted));
    Atomics.add(answered, 0, 1);
    Atomics.notify(answered, 0);
  });
});

function give({ name, bytes }: WantedMemory): GivenMemory {
  try {
    let given = memories.get(name);
    if (given === undefined) {
      given = { memory: openMemory(bytes), state: new Int32Array(new SharedArrayBuffer(4)) };
      memories.set(name, given);
    }
    return { given };
  } catch (error) {
    return { thrown: thrownAs(error) };
  }
}

/** What a thread that ended was filling is filled by another one. */
function leave(thread: number): void {
  ports.get(thread)?.close();
  ports.delete(thread);
  for (const { state } of memories.values()) {
    if (Atomics.compareExchange(state, 0, thread + 1, empty) === thread + 1) Atomics.notify(state, 0);
  }
}
