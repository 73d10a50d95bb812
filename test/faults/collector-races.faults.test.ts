/** collector-races.test.ts with more rounds. */
import './collector-races.test.js';
