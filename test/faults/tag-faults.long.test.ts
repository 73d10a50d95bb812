/** Every fault of tag-faults.test.ts in a process of its own, by the kernel. */
import './tag-faults.test.js';
