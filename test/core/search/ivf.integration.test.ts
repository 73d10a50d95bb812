/** With more seeds. */
import './ivf.test.js';
