/** The faults of partial-file-faults.test.ts in processes of their own, by the kernel: every call meets one, and in a release run all. */
import './partial-file-faults.test.js';
