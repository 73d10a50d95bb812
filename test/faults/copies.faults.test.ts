/** The same with other errors of linking. */
import './copies.test.js';
