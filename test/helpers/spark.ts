/** Real Spark: two executors of one core and 1 GiB each on this machine, which share no process and no memory. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratchPath } from './scratch-path.js';

const installed = fileURLToPath(new URL('../../build/spark/bin/python', import.meta.url));

export interface TestSpark {
  readonly python: string;
  /** Environment of whoever starts it. */
  readonly env: Readonly<Record<string, string>> & { readonly SPARK_HOME: string };
  /** Flags of segue. */
  readonly flags: readonly string[];
  /** Processes on its executors: JVMs of executors, and segue's workers. */
  running(what: 'executor' | 'worker'): number[];
  remove(): void;
}

/** A JVM here lives for seconds: it takes most of them to compile and to verify what it runs, and for a page that nobody opens. */
const javaOptions =
  '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote';
const defaults = `spark.driver.extraJavaOptions ${javaOptions}
spark.executor.extraJavaOptions ${javaOptions}
spark.ui.enabled false
`;

export const master = 'local-cluster[2,1,1024]';

/** The Python with pyspark (test/tools.json). */
export const sparkPython = process.env['SEGUE_TEST_PYTHON_SPARK'] ?? installed;

/** A Spark of its own, whose executors work in a directory of its own. */
export function testSpark(): TestSpark {
  const python = sparkPython;
  const home = mkdtempSync(join(scratchPath, 'segue-spark-'));
  const program = 'import os, pyspark; print(os.path.dirname(pyspark.__file__))';
  const package_ = execFileSync(python, ['-c', program], { encoding: 'utf8' }).trim();
  for (const name of readdirSync(package_))
    if (name !== 'work' && name !== 'conf') symlinkSync(join(package_, name), join(home, name));
  mkdirSync(join(home, 'conf'));
  writeFileSync(join(home, 'conf', 'spark-defaults.conf'), defaults);
  const names = { executor: 'CoarseGrainedExecutorBackend', worker: 'compute/main.js' } as const;
  return {
    python,
    env: {
      SPARK_HOME: home,
      SPARK_LOCAL_IP: '127.0.0.1',
      SPARK_LOCAL_HOSTNAME: 'localhost',
      PYSPARK_PYTHON: python,
    },
    flags: ['--engine', 'spark', '--spark-master', master, '--python', python],
    running: (what) =>
      readdirSync('/proc')
        .filter((pid) => /^\d+$/.test(pid))
        .map(Number)
        .filter((pid) => isOf(pid, names[what], join(home, 'work'))),
    remove() {
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The driver that this process started; undefined until it has. */
export function driverOf(parent: number): number | undefined {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map(Number)
    .find((pid) => {
      try {
        const isChild = readFileSync(`/proc/${pid}/status`, 'utf8').includes(`\nPPid:\t${parent}\n`);
        return isChild && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('spark/driver.py');
      } catch {
        return false;
      }
    });
}

function isOf(pid: number, name: string, folder: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes(name) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false;
  }
}
