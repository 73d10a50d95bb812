/** Numbers on a terminal: as everywhere else. */
export * from '../../core/number-text.js';
