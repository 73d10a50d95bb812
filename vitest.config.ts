import { defineConfig } from 'vitest/config';

/** Sweeps that take minutes: `npm run test:long`. */
const long = 'test/**/*.long.test.{ts,tsx}';
const every = 'test/**/*.test.{ts,tsx}';

/** Tests of functions of their arguments, which cannot disturb each other: no process is started for each file. */
const pure = ['test/core/numeric/**/*.test.ts'];

export default defineConfig({
  test: {
    // Most tests start processes or worker threads of their own; more files at once than cores only adds noise.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'quick', include: [every], exclude: [long, ...pure] } },
      { extends: true, test: { name: 'pure', include: pure, exclude: [long], isolate: false } },
      { extends: true, test: { name: 'long', include: [long] } },
    ],
    globalSetup: ['test/helpers/run-directory.ts'],
    // What is compiled is what runs: Node imports it, and keeps it.
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
