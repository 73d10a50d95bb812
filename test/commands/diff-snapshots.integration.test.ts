/** All of diff-snapshots.test.ts. */
import './diff-snapshots.test.js';
