/** Every fault of checkpoint-faults.test.ts in a process of its own, by the kernel. */
import './checkpoint-faults.test.js';
