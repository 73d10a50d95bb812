import type { TaskContext } from '../contracts.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { judgeNumber, requireGates } from './gates.js';
import type { GateVerdict } from './gates.js';
import type { Gates } from './gates-file.js';
import { judgeCanaries } from './canary-verdicts.js';
import { knownNumbers, measureNumbers } from './measured-gates.js';
import type { MeasuredSides } from './measured-gates.js';

/** What is judged: a snapshot, or every member of a bundle. */
export interface JudgedSides extends Omit<MeasuredSides, 'candidate' | 'as'> {
  readonly id: string;
  readonly candidates: readonly { readonly as: string | undefined; readonly snapshot: OpenSnapshot }[];
}

/**
 * The verdicts in the order of the gates, numbers first; of a bundle those of each member. Throws does-not-hold with all of
 * them where one does not pass.
 * @param gatesFile the file that some of them are from, for the error's details
 */
export async function judgeGates(
  gates: Gates,
  gatesFile: string | null,
  { id, candidates, ...sides }: JudgedSides,
  context: TaskContext,
): Promise<readonly GateVerdict[]> {
  const verdicts: GateVerdict[] = [];
  for (const { as, snapshot } of candidates) {
    const all = await judgeOne(gates, { ...sides, candidate: snapshot, as }, context);
    verdicts.push(...(as === undefined ? all : all.map((verdict) => ({ as, ...verdict }))));
  }
  const known = [...new Set(candidates.flatMap(({ snapshot }) => knownNumbers(snapshot)))].sort();
  requireGates(verdicts, { id, current: sides.current ?? null, gatesFile, known });
  return verdicts;
}

async function judgeOne(
  { numbers, canaries }: Gates,
  sides: MeasuredSides,
  context: TaskContext,
): Promise<GateVerdict[]> {
  const names = numbers.map(({ name }) => name);
  const values = await measureNumbers([...new Set(names)], sides, context);
  const byName = new Map([...new Set(names)].map((name, at) => [name, values[at]!]));
  const verdicts = numbers.map((gate) => judgeNumber(gate, byName.get(gate.name)!));
  return [...verdicts, ...(await judgeCanaries(canaries, sides.candidate))];
}
