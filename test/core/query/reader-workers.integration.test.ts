/** Vectors are held once, whatever the number of workers. */
import './reader-workers.test.js';
