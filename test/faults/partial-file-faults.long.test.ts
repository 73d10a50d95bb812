/** Every fault of partial-file-faults.test.ts in a process of its own, by the kernel. */
import './partial-file-faults.test.js';
