// The last line of a CI run: how many tests passed, failed and were skipped, from vitest's JSON reports, added up.
// Fails where a report is not there, or no test passed in it.
import { readFile } from 'node:fs/promises';

let passed = 0;
let failed = 0;
let skipped = 0;
for (const path of process.argv.slice(2)) {
  const before = passed;
  try {
    const report = JSON.parse(await readFile(path, 'utf8'));
    for (const file of report.testResults) {
      for (const { status } of file.assertionResults) {
        if (status === 'passed') passed++;
        else if (status === 'failed') failed++;
        else skipped++;
      }
      // A file that could not be loaded has no tests to count; it is one failure.
      if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'))
        failed++;
    }
    if (passed === before) throw new Error(`no test passed in ${path}`);
  } catch (error) {
    console.error(`no test report: ${error.message}`);
    failed++;
  }
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
