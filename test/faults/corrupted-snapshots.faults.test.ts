/** corrupted-snapshots.test.ts with more than ten thousand files. */
import './corrupted-snapshots.test.js';
