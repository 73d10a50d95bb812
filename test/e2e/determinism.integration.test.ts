/** determinism.test.ts for every model. */
import './determinism.test.js';
