/** All of terminal.test.ts. */
import './terminal.test.js';
