import type { HeldMemory } from '../compute/held-memory.js';
import { openWorkspace } from '../compute/workspace.js';

/** What a search needs of the thread that it runs on. */
export interface SearchThread {
  readonly memory: HeldMemory;
  /** Called before a search and between its windows: throws where whoever asked no longer wants an answer. */
  readonly checkAbort: () => void;
}

/** How a snapshot is searched. */
export interface SearchWays {
  /** Many queries will come: keep in memory what is searched as a whole. */
  readonly inMemory: boolean;
  /** Where several threads search the same: this one. */
  readonly thread?: SearchThread | undefined;
}

/** A memory for each that is opened, which no other thread sees. */
export const ownMemory: HeldMemory = {
  open({ held, own, fill }) {
    const workspace = openWorkspace(held.bytes + own.bytes);
    const heldAt = held.allocate(workspace);
    fill(workspace, heldAt);
    return { workspace, held: heldAt, own: own.allocate(workspace) };
  },
};

/** A thread that searches by itself, and is not asked to stop. */
export const onlyThread: SearchThread = { memory: ownMemory, checkAbort: () => undefined };
