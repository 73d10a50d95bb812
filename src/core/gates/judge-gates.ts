import type { TaskContext } from '../contracts.js';
import { measureBundle, type JudgedMember } from './bundle-gates.js';
import { judgeNumber, requireGates, type GateVerdict } from './gates.js';
import type { Gates } from './gates-file.js';
import { judgeCanaries } from './canary-verdicts.js';
import { knownNumbers, measureNumbers, type MeasuredSides } from './measured-gates.js';
import { findNumber } from './numbers.js';

export interface JudgedSides extends Omit<MeasuredSides, 'candidate' | 'as'> {
  readonly id: string;
  /** The snapshot, or every member of the bundle. */
  readonly candidates: readonly JudgedMember[];
}

/**
 * The verdicts in the order of the gates, numbers first; of a bundle those of each member, then its own. Throws does-not-hold with all of
 * them where one does not pass.
 * @param gatesFile the file that some of them are from, for the error's details
 */
export async function judgeGates(
  gates: Gates,
  gatesFile: string | null,
  { id, candidates, ...sides }: JudgedSides,
  context: TaskContext,
): Promise<readonly GateVerdict[]> {
  const ofBundle = gates.numbers.filter(({ name }) => findNumber(name)?.from === 'members');
  const ofEach = { ...gates, numbers: gates.numbers.filter((gate) => !ofBundle.includes(gate)) };
  const verdicts: GateVerdict[] = [];
  for (const { as, snapshot } of candidates) {
    const all = await judgeOne(ofEach, { ...sides, candidate: snapshot, as }, context);
    verdicts.push(...(as === undefined ? all : all.map((verdict) => ({ as, ...verdict }))));
  }
  const names = ofBundle.map(({ name }) => name);
  const values = await measureBundle(names, { ...sides, candidates });
  verdicts.push(...ofBundle.map((gate) => judgeNumber(gate, values.get(gate.name)!)));
  const isBundle = candidates.some(({ as }) => as !== undefined);
  const known = [...new Set(candidates.flatMap(({ snapshot }) => knownNumbers(snapshot)))].sort();
  requireGates(verdicts, { id, isBundle, current: sides.current ?? null, gatesFile, known });
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
