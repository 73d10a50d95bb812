import { useCanaryHere } from '../canary-here.js';

useCanaryHere();
