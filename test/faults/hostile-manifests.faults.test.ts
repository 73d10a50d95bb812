/** All of hostile-manifests.test.ts in processes of their own, whose memory and time are measured. */
import './hostile-manifests.test.js';
