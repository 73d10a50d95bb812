/** More kills; and the faults of ledger-faults.test.ts in processes of their own, by the kernel. */
import './ledger-faults.test.js';
