/** hostile-texts.test.ts, and the browser in a terminal. */
import './hostile-texts.test.js';
