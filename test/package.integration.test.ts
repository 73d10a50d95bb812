/** The types of the library for bundlers too, and the examples of docs/api.md. */
import './package.test.js';
