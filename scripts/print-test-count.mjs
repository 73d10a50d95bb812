// The last lines of a CI run, from vitest's JSON reports, added up: what tests were skipped for want of which tool, whether they may
// be (test/tools.json), how many passed, failed and were skipped. Fails where a report is not there, where a test failed, where one
// was skipped that may not be, and where fewer tests than the list says needed a tool: then some have gone, or lost their tag.
import { readFile } from 'node:fs/promises';
import { tools } from './test-tools.mjs';

const counts = { passed: 0, failed: 0, skipped: 0 };
const needing = new Map(tools.map(({ name }) => [name, { passed: 0, failed: 0, skipped: 0 }]));
const allowedTools = new Set(tools.filter(({ mayBeMissing }) => mayBeMissing).map(({ name }) => name));
const problems = [];
let allowed = 0;

for (const path of process.argv.slice(2)) {
  const before = counts.passed;
  try {
    for (const file of JSON.parse(await readFile(path, 'utf8')).testResults) count(file);
    if (counts.passed === before) throw new Error(`no test passed in ${path}`);
  } catch (error) {
    problems.push(`no test report: ${error.message}`);
  }
}

function count(file) {
  for (const { status, tags, fullName } of file.assertionResults) {
    const end = status === 'passed' || status === 'failed' ? status : 'skipped';
    counts[end]++;
    for (const tag of tags) needing.get(tag)[end]++;
    if (end !== 'skipped') continue;
    if (tags.some((tag) => allowedTools.has(tag))) allowed++;
    else
      problems.push(`skipped, which it may not be: ${file.name.replace(/.*\/test\//, 'test/')} ${fullName}`);
  }
  // A file that could not be loaded has no tests to count; it is one failure.
  if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'))
    counts.failed++;
}

for (const { name, tests, for: what } of tools) {
  const { passed, failed, skipped } = needing.get(name);
  if (skipped > 0) console.log(`skipped: ${skipped} tests that need ${name} (${what})`);
  const found = passed + failed + skipped;
  if (found < tests) problems.push(`${found} tests need ${name}, and test/tools.json says ${tests} or more`);
}
for (const problem of problems) console.log(problem);
console.log(`skips that were allowed: ${allowed} of ${counts.skipped}`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 || problems.length > 0 ? 1 : 0;
