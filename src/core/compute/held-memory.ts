/**
 * Memory of searches that stay open: first what they only read, filled once, then what a search writes. Threads that search
 * the same share the first part (shared-memory.ts), and each has a second part of its own.
 */
import type { Workspace, WorkspaceLayout } from './workspace.js';

export interface HeldParts<Held, Own> {
  /** Says what is held: the same name, layouts and bytes on every thread. */
  readonly name: string;
  readonly held: WorkspaceLayout<Held>;
  readonly own: WorkspaceLayout<Own>;
  /** Writes what is held, which does not change after. Where threads share it, one of them does. */
  fill(workspace: Workspace, at: Held): void;
}

export interface HeldWorkspace<Held, Own> {
  readonly workspace: Workspace;
  /** Addresses. */
  readonly held: Held;
  readonly own: Own;
}

export interface HeldMemory {
  /** Errors as `openWorkspace`, and those of `fill`. */
  open<Held, Own>(parts: HeldParts<Held, Own>): HeldWorkspace<Held, Own>;
}
