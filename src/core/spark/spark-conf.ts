/** `sparkConf`: what may be said where, so that no value of it is read by anyone else. */
import { readFileSync } from 'node:fs';
import { AppError, orInputError } from '../errors.js';

/**
 * @param given key=value each, or @FILE of a file with one a line, or as spark-defaults.conf has them; the last of a key counts.
 *   AppErrors 'bad-usage', which does not repeat what was given, and 'bad-input-file'
 */
export function parseSparkConf(given: readonly string[]): ReadonlyMap<string, string> {
  const settings = given.flatMap((text, at) =>
    text.startsWith('@') ? settingsIn(text.slice(1)) : [settingIn(text, `\`sparkConf\` number ${at + 1}`)],
  );
  return new Map(settings);
}

function settingsIn(path: string): (readonly [string, string])[] {
  const text = orInputError(path, () => readFileSync(path, 'utf8'));
  return text.split('\n').flatMap((line, at) => {
    const setting = line.trim().replace(/^([^=\s]+)(?:\s*=\s*|\s+)/, '$1=');
    return /^(?:#|$)/.test(setting) ? [] : [settingIn(setting, `\`sparkConf\` ${path} line ${at + 1}`)];
  });
}

function settingIn(text: string, what: string): readonly [string, string] {
  const [, key, value] = /^([^=\s]+)=(.*)$/s.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value];
  throw new AppError('bad-usage', `${what}: wanted key=value`, {
    suggestions: ['`sparkConf` spark.executor.memory=8g', '`sparkConf` @FILE of such lines, for secrets'],
  });
}

/** What the JVM of the driver is started with; all else is handed over once it runs. */
const atLaunch =
  /^spark\.(driver\.(memory|memoryOverhead|extraJavaOptions|defaultJavaOptions|extraClassPath|extraLibraryPath)|jars|submit|files|archives|yarn|kubernetes)\b/;
/** What Spark itself redacts, and more. */
const secret = /secret|password|passwd|token|credential|access.?key|api.?key/i;

/** What stands on a command line, which every user of the machine can read. */
export function launchConf(conf: ReadonlyMap<string, string>): string[] {
  return [...conf].flatMap(([key, value]) =>
    atLaunch.test(key) && !secret.test(key) ? ['--conf', `${key}=${value}`] : [],
  );
}

/** Numbers, sizes, times, true and false: what says nothing of anyone. */
const harmless = /^(-?\d+(\.\d+)?[a-z]{0,2}|true|false)$/i;

/** Text of Spark's without the values of `sparkConf`. */
export function redaction(conf: ReadonlyMap<string, string>): (text: string) => string {
  const hidden = [...conf]
    .filter(([key, value]) => value.length > 3 && (secret.test(key) || !harmless.test(value)))
    .sort(([, a], [, b]) => b.length - a.length);
  return (text) =>
    hidden.reduce((redacted, [key, value]) => redacted.replaceAll(value, `(value of ${key})`), text);
}
