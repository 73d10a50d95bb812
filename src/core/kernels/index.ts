// The module's exports; compute/kernels.ts has their TypeScript face.
export { tridiagonalise, multiplyReflections, iterateQl, applyRotations } from './eigen';
export { gram, addParts, rotate, weightedSquares, allFinite } from './dense';
export { solveRows, improveRows, spmm, packRows } from './als';
export { clearHeap, scanTopK, scoreRows, scanMany, unitRows } from './scan';
export { packCentroids, assignRows, updateCentroids, searchLists } from './kmeans';
export { ln, power, cosineOfTurn, heapBase } from './scalar';
