/** All of partial-sums.test.ts, by all the bundled plays. */
import './partial-sums.test.js';
