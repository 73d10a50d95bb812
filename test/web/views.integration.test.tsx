/** The same, and whether a service still answers what was recorded. */
import './views.test.js';
