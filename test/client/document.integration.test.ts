/** All of document.test.ts. */
import './document.test.js';
