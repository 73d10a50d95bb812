import { hostname, userInfo } from 'node:os';
import { AppError } from '../errors.js';
import type { ChangeNote } from './swap-current.js';
import type { rollback } from '../options/operations.js';
import type { Asked } from '../options/option.js';

/** A reason is a sentence; the history is read at every publish. */
const longestWhy = 4000;

/** What the history says about a change: who makes it, when (now by default), and why. Throws bad-usage. */
export function changeNote(
  op: ChangeNote['op'],
  { at = new Date(), why }: Asked<Pick<typeof rollback.options, 'at' | 'why'>>,
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
