/** What `publish` tells a person: each gate and whether it holds, then what readers see now. */
import { byteSize, count, decimals, duration } from './numbers.js';
import { styled } from './screen.js';
import type { Screen } from './screen.js';
import { drawTable } from './table.js';

export interface DrawnGate {
  readonly name: string;
  readonly value: number | null;
  readonly required: string;
  readonly passed: boolean;
}

export interface DrawnPublication {
  readonly published: string;
  readonly previous: string | null;
  readonly gates: readonly DrawnGate[];
  readonly dryRun: boolean;
  readonly unchanged: boolean;
  readonly verified: { readonly files: number; readonly bytes: number };
  readonly seconds: number;
}

export async function drawPublication(result: DrawnPublication, screen: Screen): Promise<string> {
  const { published, previous, gates, verified } = result;
  const lines = [
    `Verified ${count(verified.files)} files, ${byteSize(verified.bytes)}, in ${duration(result.seconds)}`,
  ];
  if (gates.length > 0) lines.push('', await drawGates(gates, screen), '');
  const was = `(previous: ${previous ?? 'none'})`;
  if (result.unchanged) lines.push(`${published} is the current snapshot already`);
  else if (result.dryRun) lines.push(`Would publish ${published} ${was}; nothing was done`);
  else lines.push(`${styled(screen, 'bold', `Published ${published}`)} ${was}`);
  return lines.join('\n');
}

export async function drawGates(gates: readonly DrawnGate[], screen: Screen): Promise<string> {
  return drawTable(
    gates,
    [
      { head: '', cell: (gate) => (gate.passed ? '✓' : '✗') },
      { head: 'gate', cell: (gate) => gate.name },
      {
        head: 'value',
        cell: (gate) => (gate.value === null ? 'none' : decimals(gate.value)),
        align: 'right',
      },
      { head: 'required', cell: (gate) => gate.required },
    ],
    screen,
  );
}
