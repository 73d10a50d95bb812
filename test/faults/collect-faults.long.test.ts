/** Every fault of collect-faults.test.ts in a process of its own, by the kernel. */
import './collect-faults.test.js';
