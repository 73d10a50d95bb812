/** What Spark says when it fails, as errors that say what to do. */
import { AppError, type ErrorCode } from '../errors.js';

interface Known {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly suggestions: readonly string[];
}

const masters = '`sparkMaster` spark://HOST:7077, yarn, or k8s://…';
const installJava = 'install a Java runtime, such as openjdk-17-jre-headless, and set JAVA_HOME or PATH';

/** The first that matches counts. */
const known: readonly Known[] = [
  {
    pattern: /JAVA_HOME is not set|Unable to locate a Java Runtime|java: (command )?not found/,
    code: 'engine-missing',
    message: 'Spark found no Java',
    suggestions: [installJava],
  },
  {
    pattern: /UnsupportedClassVersionError|compiled by a more recent version of the Java Runtime/,
    code: 'engine-too-old',
    message: 'Java is older than this Spark needs',
    suggestions: [installJava],
  },
  {
    pattern: /Could not parse Master URL|Invalid master URL|Expected authority at index/,
    code: 'bad-usage',
    message: '`sparkMaster` is not the address of a master',
    suggestions: [masters],
  },
  {
    pattern:
      /OutOfMemoryError|exited with code (52|137)\b|exit code:? (52|137)\b|exceeding (physical |virtual )?memory limits|OOMKilled|heap out of memory/,
    code: 'out-of-memory',
    message: 'Spark ran out of memory',
    suggestions: [
      'give executors more: `sparkConf` spark.executor.memory=8g, and spark.executor.memoryOverhead for the worker beside it',
      'or the driver: `sparkConf` spark.driver.memory=8g',
    ],
  },
  {
    pattern: /All masters are unresponsive|Failed to connect to master|UnknownHostException/,
    code: 'engine-unreachable',
    message: "Spark's master does not answer",
    suggestions: ['check `sparkMaster`, and that the master runs and can be reached from here'],
  },
  {
    pattern: /PYTHON_VERSION_MISMATCH|Python in worker has different version/,
    code: 'engine-failed',
    message: 'executors run another version of Python than the driver',
    suggestions: ['name the same for both: `python` PATH for the driver, PYSPARK_PYTHON for executors'],
  },
];

/** AppError 'bad-usage' for what Spark would not take, before it is started: it says so in a log that few read. */
export function requireMaster(master: string): void {
  if (/^(?:yarn$|local\b|(?:spark|k8s|mesos):\/\/)/.test(master)) return;
  const what = master.startsWith('sc://')
    ? 'Spark Connect is not supported'
    : 'wanted the address of a master';
  throw new AppError('bad-usage', `\`sparkMaster\` ${JSON.stringify(master)}: ${what}`, {
    suggestions: [masters],
  });
}

/** Lines of its log that are shown. */
const lastLines = 12;
/** Where in Spark it happened, which tells its users nothing. */
const stackFrame = /^\s+(?:at |\.\.\. \d+ more)/;

/** @param said what it answered, '' where it ended without a word @param log all that it printed, both redacted */
export function sparkFailure(said: string, log: string): AppError {
  // Its log also has what it got over.
  const found = known.find(({ pattern }) => pattern.test(said === '' ? log : said));
  const lines = log
    .trimEnd()
    .split('\n')
    .filter((line) => !stackFrame.test(line))
    .slice(-lastLines);
  const details = { log: lines };
  const why = reasonIn(said) ?? reasonIn(log);
  const because = why === undefined ? '' : `: ${why}`;
  if (found !== undefined) {
    const { code, message, suggestions } = found;
    return new AppError(code, `${message}${because}`, { suggestions, details });
  }
  return new AppError('engine-failed', `Spark failed${because}`, {
    suggestions: ['the same command again starts anew: nothing half-made is left'],
    details,
  });
}

/** The line that says most: of nested exceptions the innermost. */
function reasonIn(text: string): string | undefined {
  const causes = [
    ...text.matchAll(/^(?:Caused by: |: )?((?:[a-z_]\w*\.)*[A-Z]\w*(?:Exception|Error)\b.*)$/gm),
  ].map(([, line]) => line);
  const line = causes.at(-1) ?? text.trim().split('\n').at(-1);
  return line === undefined || line === '' ? undefined : line.slice(0, 400);
}
