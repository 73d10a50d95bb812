/** Each option of als is changed. */
import './evaluate.test.js';
