/** What other programs read of ours, by Python: pandas, PyArrow, NumPy and gensim. */
import '../files/npy.test.js';
import './arrow-file.test.js';
import './ranking-encoders.test.js';
import './table-writers.test.js';
import '../tasks/export-matrix.test.js';
import '../tasks/export.test.js';
