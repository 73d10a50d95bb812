import type { TaskContext } from '../contracts.js';
import { judgeNumber, requireGates } from './gates.js';
import type { GateVerdict } from './gates.js';
import type { Gates } from './gates-file.js';
import { judgeCanaries } from './canary-verdicts.js';
import { knownNumbers, measureNumbers } from './measured-gates.js';
import type { MeasuredSides } from './measured-gates.js';

/**
 * The verdicts in the order of the gates, numbers first. Throws does-not-hold with all of them where one does not pass.
 * @param gatesFile the file that some of them are from, for the error's details
 */
export async function judgeGates(
  { numbers, canaries }: Gates,
  gatesFile: string | null,
  sides: MeasuredSides,
  context: TaskContext,
): Promise<readonly GateVerdict[]> {
  const { candidate, current = null } = sides;
  const names = numbers.map(({ name }) => name);
  const values = await measureNumbers([...new Set(names)], sides, context);
  const byName = new Map([...new Set(names)].map((name, at) => [name, values[at]!]));
  const verdicts = numbers.map((gate) => judgeNumber(gate, byName.get(gate.name)!));
  verdicts.push(...(await judgeCanaries(canaries, candidate)));
  requireGates(verdicts, { id: candidate.id, current, gatesFile, known: knownNumbers(candidate) });
  return verdicts;
}
