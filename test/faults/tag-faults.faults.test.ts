/** The faults of tag-faults.test.ts in processes of their own, by the kernel: every call meets one, and in a release run all. */
import './tag-faults.test.js';
