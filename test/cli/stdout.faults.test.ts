/** All of test/cli/stdout.test.ts. */
import './stdout.test.js';
