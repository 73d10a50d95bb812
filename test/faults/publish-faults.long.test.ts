/** Every fault of publish-faults.test.ts in a process of its own, by the kernel. */
import './publish-faults.test.js';
