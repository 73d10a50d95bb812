/** The faults of make-faults.test.ts in processes of their own, by the kernel: every call meets one, and in a release run all. */
import './make-faults.test.js';
