/** With browsers that open, and that do not. */
import './explore.test.js';
