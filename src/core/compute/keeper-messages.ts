/** What the keeper of shared memory (memory-keeper.ts), those who start it and those who ask it say to each other. */
import type { MessagePort } from 'node:worker_threads';
import type { Thrown } from './thrown.js';

/** To the keeper. */
export type ToKeeper =
  | {
      /** Whose place is taken, and by what port it asks. */
      readonly joins: number;
      readonly port: MessagePort;
      /** [1] counted up, and notified, with every answer. */
      readonly answered: Int32Array<SharedArrayBuffer>;
    }
  | { readonly leaves: number };

/** By the port of a thread to the keeper. */
export interface WantedMemory {
  readonly name: string;
  readonly bytes: number;
}

export interface SharedMemory {
  readonly memory: WebAssembly.Memory;
  /** [1] `empty`, `filled`, or the place of the thread that fills it, from 1 on. */
  readonly state: Int32Array<SharedArrayBuffer>;
}

/** Back. */
export type GivenMemory = { readonly given: SharedMemory } | { readonly thrown: Thrown };

export const empty = 0;
export const filled = -1;
