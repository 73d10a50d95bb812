/** following-reader.test.ts with more switches. */
import './following-reader.test.js';
