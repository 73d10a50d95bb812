/** Every option and every pair of options; `npm test` has some of them. */
import './pairs.test.js';
