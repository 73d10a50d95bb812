/** More of the faults of import-faults.test.ts. */
import './import-faults.test.js';
