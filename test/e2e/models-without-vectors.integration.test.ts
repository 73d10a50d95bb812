/** The same, and at several numbers of threads. */
import './models-without-vectors.test.js';
