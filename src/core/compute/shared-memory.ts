/**
 * Memory that several threads hold together. Each asks the keeper (memory-keeper.ts) for a memory by its name, and sleeps until
 * it has it; whichever comes first fills the part that all read, the others wait for it.
 */
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { HeldMemory } from './held-memory.js';
import { empty, filled, type GivenMemory, type SharedMemory, type WantedMemory } from './keeper-messages.js';
import { errorOf } from './thrown.js';
import { workspaceIn } from './workspace.js';

/** What a thread is started with; the port has to be transferred. */
export interface SharedMemorySetup {
  readonly port: MessagePort;
  /** [1] how often the thread was answered: on this it sleeps. */
  readonly answered: Int32Array<SharedArrayBuffer>;
  /** Its place, 0 ≤ thread < threads. */
  readonly thread: number;
  readonly threads: number;
}

/** How often a thread that waits looks whether its own answer is still wanted. */
const lookEveryMs = 10;

/** The memories of the others, on a thread. @param checkAbort called while it waits; what it throws ends the waiting */
export function sharedMemory(setup: SharedMemorySetup, checkAbort: () => void): HeldMemory {
  const { thread, threads } = setup;
  /** How many a thread has open of one name: what it writes is apart for each. */
  const open = new Map<string, number>();
  return {
    open({ name, held, own, fill }) {
      const before = open.get(name) ?? 0;
      const bytes = held.bytes + threads * own.bytes;
      const { memory, state } = askFor({ name: `${name} ${before}`, bytes }, setup);
      const workspace = workspaceIn(memory);
      const heldAt = held.allocate(workspace);
      workspace.allocate(thread * own.bytes);
      const ownAt = own.allocate(workspace);
      const fillHere = (): void => fill(workspace, heldAt);
      fillOnce(state, thread + 1, fillHere, checkAbort);
      open.set(name, before + 1);
      return { workspace, held: heldAt, own: ownAt };
    },
  };
}

function askFor(wanted: WantedMemory, { port, answered }: SharedMemorySetup): SharedMemory {
  const before = Atomics.load(answered, 0);
  port.postMessage(wanted);
  Atomics.wait(answered, 0, before);
  const answer = receiveMessageOnPort(port) as { readonly message: GivenMemory };
  if ('thrown' in answer.message) throw errorOf(answer.message.thrown);
  return answer.message.given;
}

function fillOnce(
  state: Int32Array<SharedArrayBuffer>,
  self: number,
  fill: () => void,
  checkAbort: () => void,
): void {
  const leaveAs = (value: number): void => {
    Atomics.store(state, 0, value);
    Atomics.notify(state, 0);
  };
  for (;;) {
    const before = Atomics.compareExchange(state, 0, empty, self);
    if (before === filled) return;
    if (before === empty) break;
    Atomics.wait(state, 0, before, lookEveryMs);
    checkAbort();
  }
  try {
    fill();
    leaveAs(filled);
  } catch (error) {
    leaveAs(empty);
    throw error;
  }
}
