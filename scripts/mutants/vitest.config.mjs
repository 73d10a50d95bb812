// The quick tests as scripts/mutants.mjs runs them, in a copy of the checkout.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BaseSequencer } from 'vitest/node';
import config from '../../vitest.config.ts';

/** `collect`: where the coverage of each file is kept, under `keys`; `files`: in their order; `log`: what happened, a line each. */
const { collect, files, keys, log } = JSON.parse(readFileSync(process.env['SEGUE_MUTANTS'], 'utf8'));
const say = (line) => appendFileSync(log, `${JSON.stringify(line)}\n`);

class InOrder extends BaseSequencer {
  async sort(specifications) {
    const rankOf = ({ moduleId }) => files.findIndex((file) => moduleId.endsWith(`/${file}`));
    return [...specifications].sort((a, b) => rankOf(a) - rankOf(b));
  }
}

let vitest;
let done = 0;
const results = {
  onInit: (given) => (vitest = given),
  onTestRunStart: () => say({ directory: vitest.getRootProject().getProvidedContext().runDirectory }),
  onTestModuleEnd(module) {
    const file = module.relativeModuleId.replaceAll('\\', '/');
    const passed = module.state() !== 'failed';
    say({ file, passed });
    if (collect === undefined) return;
    process.stderr.write(`\rcollecting what each test file executes: ${++done} of ${files.length} `);
    const { covered, cpuSeconds } = module.meta();
    const seconds = module.diagnostic().duration / 1000;
    const kept = JSON.stringify({ key: keys[file], file, cpuSeconds, seconds, covered });
    if (passed && covered !== undefined)
      writeFileSync(join(collect, `${file.replaceAll('/', '+')}.json`), kept);
  },
};

const setup = collect === undefined ? [] : ['scripts/mutants/record-coverage.mjs'];
const quick = config.test.projects.filter(({ test }) => test.name.startsWith('quick:'));
const projects = quick.map(({ test, ...rest }) => {
  return { ...rest, test: { ...test, setupFiles: [...setup, ...test.setupFiles] } };
});
const test = { ...config.test, projects, sequence: { sequencer: InOrder }, reporters: [results] };
export default { ...config, test };
