/** Ten thousand seeds instead of a thousand. */
import './step.test.js';
