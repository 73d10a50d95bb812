/** `segue publish`: makes a snapshot the one that readers see. */
import { performance } from 'node:perf_hooks';

import type { TaskContext } from '../contracts.js';
import { parseComparison } from '../snapshot/comparison.js';
import type { GateVerdict } from '../snapshot/gates.js';
import { latestName } from '../snapshot/layout.js';
import { publishSnapshot } from '../snapshot/publish.js';
import { changeNote } from './change-note.js';

export interface PublishOptions {
  readonly root: string;
  /** A reference; `latest` by default. */
  readonly snapshot?: string | undefined;
  /** What must be current now: a reference, or 'none'; else conflict. */
  readonly expect?: string | undefined;
  /** Gates such as 'recall@10>=0.95'. */
  readonly require: readonly string[];
  /** For the history. */
  readonly why?: string | undefined;
  /** Verify and judge only. */
  readonly dryRun: boolean;
  /** When it is published, for the history; now by default. */
  readonly at?: Date | undefined;
}

export interface PublishResult {
  readonly published: string;
  readonly previous: string | null;
  readonly gates: readonly GateVerdict[];
  readonly dryRun: boolean;
  /** It was current already. */
  readonly unchanged: boolean;
  readonly verified: { readonly files: number; readonly bytes: number };
  readonly seconds: number;
}

/** Throws what publishSnapshot throws, and bad-usage for a gate that is no comparison. */
export async function publish(options: PublishOptions, context: TaskContext): Promise<PublishResult> {
  const startMs = performance.now();
  const gates = options.require.map((text) => parseComparison(text, '--require'));
  const outcome = await publishSnapshot(
    options.root,
    {
      reference: options.snapshot ?? latestName,
      expect: options.expect,
      gates,
      dryRun: options.dryRun,
      note: changeNote('publish', options),
    },
    context,
  );
  return { ...outcome, dryRun: options.dryRun, seconds: (performance.now() - startMs) / 1000 };
}
