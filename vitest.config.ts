import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** Sweeps that take minutes: `npm run test:long`. */
const long = 'test/**/*.long.test.{ts,tsx}';
const every = 'test/**/*.test.{ts,tsx}';

/** Their subject is no process: files follow each other in one, and a canary opens its snapshot there. */
const inProcess = ['test/core/**/*.test.ts', 'test/cli/**/*.test.ts'];

/** Chalk decides about colours when it is loaded, so that each of them has a process of its own. */
const screens = 'test/tui/**/*.test.{ts,tsx}';

/** Of the long tests those that take minutes, the longest first. */
const slowest = [
  'e2e/spark',
  'faults/follower-kills',
  'core/ledger/simulation',
  'faults/publish-faults',
  'faults/ledger-faults',
  'web/explore',
  'faults/corrupted-snapshots',
];

/** They begin first: else the last of them runs alone. Without durations of an earlier run vitest goes by the sizes of files. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = slowest.findIndex((name) => moduleId.endsWith(`/test/${name}.long.test.ts`));
      return rank === -1 ? slowest.length : rank;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: SlowestFirst },
    // Most tests start processes or worker threads of their own, and some wait for a terminal or a disk.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'in-process',
          include: inProcess,
          exclude: [long],
          isolate: false,
          setupFiles: ['test/helpers/setup/same-environment.ts', 'test/helpers/setup/in-process.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'others',
          include: [every],
          exclude: [long, ...inProcess, screens],
          isolate: false,
          setupFiles: ['test/helpers/setup/same-environment.ts'],
        },
      },
      { extends: true, test: { name: 'screens', include: [screens] } },
      {
        extends: true,
        test: { name: 'long', include: [long], setupFiles: ['test/helpers/setup/same-environment.ts'] },
      },
    ],
    globalSetup: ['test/helpers/run-directory.ts'],
    // What is compiled is what runs: Node imports it, and keeps it.
    server: { deps: { external: [/\/dist\//] } },
    // What takes seconds takes minutes on a machine that others keep busy: a limit is for what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
