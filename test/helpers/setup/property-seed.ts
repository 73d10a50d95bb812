/**
 * Where `SEGUE_TEST_SEED` is set (CI sets it) all properties are tried on the same cases every time, so that a change is
 * not red for an old bug. Without it, and in `npm run test:nightly`, each run tries others, and names its seed where it fails.
 */
import fc from 'fast-check';

const seed = Number(process.env['SEGUE_TEST_SEED'] || Number.NaN);
if (Number.isInteger(seed)) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
