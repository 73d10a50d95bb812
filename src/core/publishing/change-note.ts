import { hostname, userInfo } from 'node:os';

import { AppError } from '../errors.js';
import type { ChangeNote } from './swap-current.js';

/** A reason is a sentence; the history is read at every publish. */
const longestWhy = 4000;

/** What is said of a change, and how it is guarded. */
export interface ChangeOptions {
  readonly root: string;
  /** What must be current now: a reference, or where something is published 'none'; else conflict. */
  readonly expect?: string | undefined;
  /** For the history. */
  readonly why?: string | undefined;
  /** Choose, verify and judge only. */
  readonly dryRun: boolean;
  /** When it is made, for the history and for ages; now by default. */
  readonly at?: Date | undefined;
}

/** What the history says about a change: who makes it, when (now by default), and why. Throws bad-usage. */
export function changeNote(
  op: ChangeNote['op'],
  { at = new Date(), why }: Pick<ChangeOptions, 'at' | 'why'>,
): ChangeNote {
  if (why !== undefined && why.length > longestWhy) {
    throw new AppError(
      'bad-usage',
      `\`why\` has ${why.length} characters: wanted a reason of ${longestWhy} at most`,
    );
  }
  return { op, time: at.toISOString(), who: `${userName()}@${hostname()}`, why: why ?? null };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the system's list has a number only.
    return String(process.getuid?.() ?? 'unknown');
  }
}
