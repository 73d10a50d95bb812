import type { TaskContext } from '#dist/core/contracts.js';
import type { ManifestContent } from '#dist/core/snapshot/manifest.js';

export function makeChild(
  options: {
    readonly root: string;
    readonly content: ManifestContent;
    readonly file: string;
    readonly base64: string;
    readonly tag: string;
  },
  context: TaskContext,
): Promise<void>;
export function writeBlocks(options: { readonly root: string }): void;
export function saveCheckpoint(
  options: { readonly root: string; readonly training: string },
  context: TaskContext,
): Promise<void>;
export function addToLedger(options: { readonly root: string }, context: TaskContext): Promise<void>;
export function compactLedger(options: { readonly root: string }, context: TaskContext): Promise<void>;
