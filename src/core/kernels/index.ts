// The module's exports; the build writes their TypeScript face, compute/kernel-exports.ts.
export { tridiagonalise, multiplyReflections, iterateQl, applyRotations } from './eigen';
export { gram, crossGram, squaredDistances, addParts, rotate, weightedSquares, allFinite } from './dense';
export { solveRows, improveRows, spmm, packRows } from './als';
export { invertTile, sweepPanel, sweepTiles } from './tiles';
export {
  sparseGramTiles,
  itemTiles,
  similarityTiles,
  similarityRows,
  setSimilarityRow,
  rankHistories,
  addScaled,
  offerScores,
} from './ease';
export { clearHeap, scanTopK, scoreRows, scanMany, unitRows } from './scan';
export { codeTiles, codeQuery, boundCodes } from './order';
export { normRows, packProducts, bestProducts } from './products';
export { packCentroids, assignRows, updateCentroids } from './kmeans';
export { encodeGroups, encodeQuery, scanCodes } from './codes';
export { nearestLists, regionsOfRows, scanList, sortCandidates, searchRows, ranksOfLists } from './ivf';
export { skipGramPairs, skipGramBlocks } from './skipgram';
export { sigmoid, softplus } from './logistic';
export { ln, power, cosineOfTurn, heapBase } from './scalar';
