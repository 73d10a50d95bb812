// The last line of a CI run: how many tests passed, failed and were skipped, from vitest's JSON report.
// Fails where there is no report, or no test in it.
import { readFile } from 'node:fs/promises';

const [path] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
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
} catch (error) {
  console.error(`no test report: ${error.message}`);
  failed++;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
