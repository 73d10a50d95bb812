/** The same at every write of LMDB's. */
import './short-writes.test.js';
