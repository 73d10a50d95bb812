/** Numbers on the page: as everywhere else. */
export { ago, count, counted as plural, minute, ordinal, percent, score } from '../../core/number-text.js';
