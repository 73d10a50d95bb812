/** Every fault of make-faults.test.ts in a process of its own, by the kernel. */
import './make-faults.test.js';
