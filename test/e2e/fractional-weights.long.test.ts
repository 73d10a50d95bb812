/** fractional-weights.test.ts with 3M events. */
import './fractional-weights.test.js';
