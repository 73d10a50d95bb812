// The module's exports; the build writes their TypeScript face, compute/kernel-exports.ts.
export { tridiagonalise, multiplyReflections, iterateQl, applyRotations } from './eigen';
export { gram, crossGram, squaredDistances, addParts, rotate, weightedSquares, allFinite, keepRows } from './dense';
export { solveRows, improveRows, spmm, packRows } from './als';
export { improveByBlocks, beginRows, addPartialSums, stepRows, addPreferred } from './partial-sums';
export { scatterRows, gatherRows, solveTriangles } from './ridge';
export { invertTile, sweepPanel, sweepTiles } from './tiles';
export { sparseGramTiles, itemTiles, similarityTiles } from './ease';
export { gramTriangle, solveItems } from './slim';
export { similarityRows, setSimilarityRow, addScaled, addSparse, rankHistories, scoreHistories } from './item-item';
export { blendScores, rankBlends } from './blend';
export { clearHeap, offerScores, scanTopK, scoreRows, scoreMany, scanMany, unitRows } from './scan';
export { codeTiles, codeQuery, boundCodes } from './order';
export { normRows, packProducts, bestProducts } from './products';
export { packCentroids, assignRows, updateCentroids } from './kmeans';
export { encodeGroups, encodeQuery, scanCodes } from './codes';
export { writeIndex, nearestLists, regionsOfRows, scanList, sortCandidates, searchRows, ranksOfLists } from './ivf';
export { skipGramPairs, skipGramBlocks } from './skipgram';
export { sigmoid, softplus } from './logistic';
export { ln, power, cosineOfTurn, heapBase } from './scalar';

// Constants that callers need: how much memory to give, and how it is laid out.
export { PACK_BYTES as sparsePackBytes, VECTORS as sparseVectors } from './als';
export { BLOCK as blockRows, ROW_STATE as rowStateBytes } from './partial-sums';
export { BLOCK as rotatedColumns } from './eigen';
export { TILE as matrixTileRows, TILE_BYTES as matrixTileBytes } from './tiles';
export { LENGTH as packedLength, TILE as productTileItems, MOST_QUERIES as productQueries } from './products';
export { QUERY_BYTES as productQueryBytes } from './products';
export { QUERY as blendQueryBytes } from './blend';
export { TILE as orderTileItems, BOUNDS as orderBounds } from './order';
export { TILE as centroidTileRows } from './kmeans';
export { TILE as codeTileRows, CANDIDATE as candidateBytes } from './codes';
export { INDEX_BYTES as indexBytes } from './ivf';
