/** Says at the end of a run how many tests were skipped for want of which tool (test/tools.json), and how to get it. */
import type { Reporter, TestCase, Vitest } from 'vitest/node';
import { tools } from '../../../scripts/test-tools.mjs';

export default class SkippedTests implements Reporter {
  readonly #skipped = new Map<string, number>();
  #vitest?: Vitest;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestCaseResult(test: TestCase): void {
    if (test.result().state !== 'skipped') return;
    const isMissing = (tag: string): boolean =>
      this.#vitest!.config.tags.some(({ name, skip }) => name === tag && skip === true);
    for (const tag of test.tags.filter(isMissing)) this.#skipped.set(tag, (this.#skipped.get(tag) ?? 0) + 1);
  }

  onTestRunEnd(): void {
    for (const { name, for: what, version, debian, python } of tools) {
      const number = this.#skipped.get(name);
      if (number === undefined) continue;
      const least = version === undefined ? '' : ` ${version} or newer`;
      const isInstallable = debian !== undefined || python !== undefined;
      const how = isInstallable ? `; node scripts/test-tools.mjs install` : '';
      this.#vitest!.logger.log(`skipped: ${number} tests that need ${name}${least} (${what})${how}`);
    }
  }
}
