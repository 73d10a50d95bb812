/** corrupted-root-files.test.ts with every bit. */
import './corrupted-root-files.test.js';
