/** Lines of more bytes than DuckDB's buffer, in every place and format. */
import './long-lines.test.js';
