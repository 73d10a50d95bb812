/** The other signals. */
import './interrupts.test.js';
