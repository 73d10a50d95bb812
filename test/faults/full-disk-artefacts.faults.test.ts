/** full-disk-artefacts.test.ts at every file. */
import './full-disk-artefacts.test.js';
