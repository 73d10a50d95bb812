/** The types of the library for bundlers too. */
import './package.test.js';
