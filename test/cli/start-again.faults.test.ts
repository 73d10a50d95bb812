/** All of test/cli/start-again.test.ts. */
import './start-again.test.js';
