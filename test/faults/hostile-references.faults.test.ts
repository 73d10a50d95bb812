/** hostile-references.test.ts with more texts. */
import './hostile-references.test.js';
