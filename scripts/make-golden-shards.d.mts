import type { ArrayLimits } from '#dist/core/numeric/pairs.js';
import type { CommittedSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';

export function writeWithLimits(
  root: string,
  reference: string,
  target: string,
  limits: ArrayLimits,
): Promise<CommittedSnapshot>;
