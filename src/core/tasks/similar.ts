/** The nearest neighbours of items: `segue similar`. */
export { similar } from '../query/similar.js';
export type { SimilarItem, SimilarOptions, SimilarResult } from '../query/similar.js';
