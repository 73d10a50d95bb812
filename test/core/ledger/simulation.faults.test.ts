/** 10,000 seeds, or those of SEGUE_SEEDS; and every planted bug. */
import './simulation.test.js';
