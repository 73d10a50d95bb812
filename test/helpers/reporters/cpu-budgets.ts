/**
 * Holds test files against the processor time that they may take: their own and that of the processes they start, from
 * the first import to the last hook (setup/cpu-seconds.ts). Above its budget a file is named; above three times of it the run
 * fails, since a busy machine makes seconds of processor time longer, but not thrice as long.
 */
import type { Reporter, TestModule, TestRunEndReason, Vitest } from 'vitest/node';
import budgets from '../../cpu-budgets.json' with { type: 'json' };

/** Seconds of processor time of a file that the list does not name, by the first word of its project. */
const usual: Readonly<Record<string, number>> = { quick: 2, faults: 40, integration: 40 };
const failsAbove = 3;
const numShown = 10;

interface Cost {
  readonly file: string;
  readonly level: string;
  readonly seconds: number;
  readonly budget: number;
}

export default class CpuBudgets implements Reporter {
  readonly #costs: Cost[] = [];
  #log: (text: string) => void = console.log;

  onInit(vitest: Vitest): void {
    this.#log = (text) => {
      vitest.logger.log(text);
    };
  }

  onTestModuleEnd(module: TestModule): void {
    const seconds = module.meta().cpuSeconds;
    if (seconds === undefined) return; // It could not be imported, which is a failure already.
    const file = module.relativeModuleId.replaceAll('\\', '/');
    const level = module.project.name.split(':')[0]!;
    const budget = (budgets as Readonly<Record<string, number>>)[file] ?? usual[level] ?? 2;
    this.#costs.push({ file, level, seconds, budget });
  }

  onTestRunEnd(_modules: unknown, _errors: unknown, reason: TestRunEndReason): void {
    if (reason === 'interrupted' || this.#costs.length < 2) return;
    const costs = this.#costs.sort((a, b) => b.seconds - a.seconds);
    for (const line of summaryOf(costs)) this.#log(line);
    if (costs.some(isFailing)) process.exitCode = 1;
  }
}

const isFailing = ({ seconds, budget }: Cost): boolean => seconds > failsAbove * budget;

export function summaryOf(costs: readonly Cost[]): string[] {
  const sum = costs.reduce((total, { seconds }) => total + seconds, 0);
  const lines = [`\nprocessor time: ${sum.toFixed(0)} s in ${costs.length} files; the most expensive:`];
  for (const { file, seconds } of costs.slice(0, numShown))
    lines.push(`  ${seconds.toFixed(1).padStart(7)} s  ${file}`);
  for (const cost of costs) {
    const { file, seconds, budget } = cost;
    if (seconds <= budget) continue;
    const what = isFailing(cost) ? `FAILED: more than ${failsAbove} times the budget` : 'above its budget';
    lines.push(
      `${what}: ${file} took ${seconds.toFixed(1)} s, and may take ${budget} s (test/cpu-budgets.json)`,
    );
  }
  return lines;
}
