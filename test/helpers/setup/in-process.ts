import { afterAll, vi } from 'vitest';
import { useCanaryHere } from '../canary-here.js';

useCanaryHere();
// The next file is run in the same process.
afterAll(() => vi.unstubAllEnvs());
