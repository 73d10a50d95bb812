/** Rows that are hard to read, with 10,000 columns. */
import './hostile-rows.test.js';
