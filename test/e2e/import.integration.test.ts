/** All of import.test.ts. */
import './import.test.js';
