/** Every fault of export-faults.test.ts in a process of its own, by the kernel. */
import './export-faults.test.js';
