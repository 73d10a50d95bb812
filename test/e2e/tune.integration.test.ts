/** All of tune.test.ts: shells, kills and Ctrl-C too. */
import './tune.test.js';
