import type { runOptions } from '../options/catalogue/run-options.js';

/** How Spark is found and what it is given, as tasks take it. */
export interface SparkOptions {
  /** spark://HOST:7077, yarn, k8s://…; undefined: as spark-submit is configured. */
  readonly sparkMaster?: string | undefined;
  /** key=value each. */
  readonly sparkConf?: readonly string[] | undefined;
  /** The spark-submit to start; undefined: the pyspark of `python`. */
  readonly sparkSubmit?: string | undefined;
  /** The Python of the driver, and of executors where PYSPARK_PYTHON names no other. */
  readonly python?: string | undefined;
  /** A directory that driver and executors read, by any file system that Spark knows; undefined: the driver serves files itself. */
  readonly sparkStaging?: string | undefined;
  /** The Node.js of executors; undefined: `node` of their PATH. */
  readonly sparkNode?: string | undefined;
}

export interface EngineOptions extends SparkOptions {
  /** Where the work runs, `local` by default: it never changes a result. */
  readonly engine?: (typeof runOptions.engine.choices)[number] | undefined;
}
