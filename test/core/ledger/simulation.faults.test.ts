/** 1,500 seeds, at night 10,000, or those of SEGUE_SEEDS; and every planted bug. */
import './simulation.test.js';
