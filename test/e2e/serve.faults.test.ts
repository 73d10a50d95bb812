/** It is interrupted too, and killed. */
import './serve.test.js';
