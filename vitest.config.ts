import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';
import { missingTools, tools } from './scripts/test-tools.mjs';

/** Where CI wants the results as JSON. */
const outputFile = process.env['SEGUE_TEST_REPORT'];
const report: ['json', { outputFile: string }][] = outputFile === undefined ? [] : [['json', { outputFile }]];

/** Kills, failing calls, power cuts, full disks: `npm run test:faults`. */
const faults = 'test/**/*.faults.test.{ts,tsx}';
/** A browser, Spark, other readers of our files, terminals, large sweeps: `npm run test:integration`. */
const integration = 'test/**/*.integration.test.{ts,tsx}';
/** All others: `npm test`. */
const every = 'test/**/*.test.{ts,tsx}';
const full = [faults, integration];

/** Their subject is no process: files follow each other in one, and a canary opens its snapshot there. */
const inProcess = ['test/core/**/*.test.ts', 'test/cli/**/*.test.ts'];

/** What takes seconds takes minutes on a machine that others keep busy: a limit is for what hangs, and a file has none of its own. */
const mostMs = 1_800_000;

/** Chalk decides about colours when it is loaded, so that each of them has a process of its own. */
const screens = 'test/tui/**/*.test.{ts,tsx}';

const cpuSeconds = 'test/helpers/setup/cpu-seconds.ts';
const sameEnvironment = 'test/helpers/setup/same-environment.ts';
const seed = 'test/helpers/setup/property-seed.ts';

/** Of the full tests those that take longest, the longest first. */
const slowest = [
  'e2e/spark.integration',
  'faults/follower-kills.faults',
  'readme.integration',
  'core/ledger/simulation.faults',
  'faults/publish-faults.faults',
  'faults/ledger-faults.faults',
  'web/explore.integration',
  'faults/corrupted-snapshots.faults',
];

/** They begin first: else the last of them runs alone. Without durations of an earlier run vitest goes by the sizes of files. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = slowest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return rank === -1 ? slowest.length : rank;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}

// Python's packages, where scripts/test-tools.mjs installed them.
process.env['PATH'] =
  `${fileURLToPath(new URL('build/python/bin', import.meta.url))}:${process.env['PATH'] ?? ''}`;
const missing = await missingTools();
const needed = missing.filter(({ mayBeMissing }) => !mayBeMissing);
if (process.env['SEGUE_CI'] === '1' && needed.length > 0) {
  const names = needed.map(({ name, tests }) => `${name}, which ${tests} tests or more need`).join('; ');
  throw new Error(`SEGUE_CI=1 skips nothing, and these are missing: ${names} (test/tools.json)`);
}

export default defineConfig({
  test: {
    // A test that needs a tool says so: `{ tags: 'strace' }`.
    // Of several tags `skip: false` of one would win over another's true.
    tags: tools.map((tool) => ({
      name: tool.name,
      description: tool.for,
      ...(missing.includes(tool) ? { skip: true } : {}),
    })),
    sequence: { sequencer: SlowestFirst },
    // Most tests start processes or worker threads of their own, and some wait for a terminal or a disk.
    maxWorkers: 3,
    reporters: [
      'default',
      './test/helpers/reporters/cpu-budgets.ts',
      './test/helpers/reporters/skipped-tests.ts',
      ...report,
    ],
    projects: [
      {
        extends: true,
        test: {
          name: 'quick:in-process',
          include: inProcess,
          exclude: full,
          isolate: false,
          setupFiles: [cpuSeconds, seed, sameEnvironment, 'test/helpers/setup/in-process.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'quick:others',
          include: [every],
          exclude: [...full, ...inProcess, screens],
          isolate: false,
          setupFiles: [cpuSeconds, seed, sameEnvironment],
        },
      },
      {
        extends: true,
        test: { name: 'quick:screens', include: [screens], exclude: full, setupFiles: [cpuSeconds, seed] },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: [faults],
          setupFiles: [cpuSeconds, seed, sameEnvironment],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: [integration],
          setupFiles: [cpuSeconds, seed, sameEnvironment],
        },
      },
    ],
    globalSetup: ['test/helpers/run-directory.ts'],
    // What is compiled is what runs: Node imports it, and keeps it.
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: mostMs,
    hookTimeout: mostMs,
    expect: { poll: { timeout: mostMs } },
  },
});
