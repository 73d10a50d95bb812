/** The gates of `publish`: what a snapshot's numbers must be before it may become current. */
import { AppError } from '../errors.js';
import type { Comparison } from './comparison.js';
import type { Manifest } from './manifest.js';

export interface GateVerdict {
  readonly name: string;
  /** null where the snapshot has no such number; such a gate does not pass. */
  readonly value: number | null;
  /** Such as '>=0.95'. */
  readonly required: string;
  readonly passed: boolean;
}

/** Every number of a snapshot that can be asked for: its metrics, and the sizes of what it was trained on. */
export function gateValues(manifest: Manifest): ReadonlyMap<string, number> {
  const { users, items, pairs } = manifest.inputs.interactions;
  const values = new Map(Object.entries({ users, items, interactions: pairs }));
  if (manifest.index !== null) values.set('recall@10', manifest.index.item.recallAt10);
  for (const [name, value] of Object.entries(manifest.metrics)) values.set(name, value);
  return values;
}

export function judgeGates(gates: readonly Comparison[], manifest: Manifest): GateVerdict[] {
  const values = gateValues(manifest);
  return gates.map((gate) => {
    const value = values.get(gate.name);
    const passed = value !== undefined && gate.holds(value);
    return { name: gate.name, value: value ?? null, required: gate.condition, passed };
  });
}

/** Throws does-not-hold, with all verdicts in its details, unless every gate passed. */
export function requireGates(verdicts: readonly GateVerdict[], manifest: Manifest): void {
  const failed = verdicts.filter((verdict) => !verdict.passed);
  if (failed.length === 0) return;
  const reasons = failed.map(({ name, value, required }) =>
    value === null ? `${name} is not among its numbers` : `${name} is ${value}, required is ${required}`,
  );
  const known = [...gateValues(manifest).keys()].sort();
  const missing = failed.some((verdict) => verdict.value === null);
  throw new AppError(
    'does-not-hold',
    `${failed.length} of ${verdicts.length} gates do not hold for snapshot ${manifest.id}: ${reasons.join('; ')}`,
    {
      suggestions: missing ? [`the numbers of ${manifest.id} are: ${known.join(', ')}`] : [],
      details: { snapshot: manifest.id, gates: verdicts, known },
    },
  );
}
