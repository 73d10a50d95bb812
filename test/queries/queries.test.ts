/** The tables of this folder, through every interface; queries.faults.test.ts asks them in other configurations. */
import { useCanaryHere } from '../helpers/canary-here.js';
import { declareTable } from './table.js';

useCanaryHere();

declareTable();
