/** Every option and half of the pairs of options, at night all; `npm test` has some of them. */
import './pairs.test.js';
