/** neighbour-browser.test.tsx on terminals of every size. */
import './neighbour-browser.test.js';
