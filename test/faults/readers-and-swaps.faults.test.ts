/** readers-and-swaps.test.ts with ten times as many reads and swaps. */
import './readers-and-swaps.test.js';
