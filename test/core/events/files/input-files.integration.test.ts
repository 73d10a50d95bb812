// A zip archive of 10,000 files.
import './input-files.test.js';
