/** power-loss.test.ts with 100 cuts. */
import './power-loss.test.js';
