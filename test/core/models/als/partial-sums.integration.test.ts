/** Both starts, in all groups that partial-sums.test.ts knows. */
import './partial-sums.test.js';
