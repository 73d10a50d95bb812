/** Every number of executors that pool-by-spark.test.ts knows, and executors that are lost again and again. */
import './pool-by-spark.test.js';
