/** few-descriptors.test.ts with more limits. */
import './few-descriptors.test.js';
