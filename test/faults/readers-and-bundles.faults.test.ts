/** readers-and-bundles.test.ts with 1,000 swaps; SEGUE_TEST_BUNDLE_SWAPS=10000 asks for more. */
import './readers-and-bundles.test.js';
