import { describe, expect, it } from 'vitest';
import { requireMaster, sparkFailure } from '#dist/core/spark/spark-failure.js';

describe('what Spark says when it fails', () => {
  it.each([
    ['', 'JAVA_HOME is not set\n', 'engine-missing', 7],
    ['', 'java.lang.UnsupportedClassVersionError: org/apache/spark/launcher/Main', 'engine-too-old', 7],
    ['', "org.apache.spark.SparkException: Could not parse Master URL: 'x'", 'bad-usage', 2],
    ['java.net.URISyntaxException: Expected authority at index 8: spark://', '', 'bad-usage', 2],
    ['org.apache.spark.SparkException: Invalid master URL: spark://host', '', 'bad-usage', 2],
    ['java.lang.OutOfMemoryError: Java heap space', '', 'out-of-memory', 7],
    ['Lost task 0.3: ExecutorLostFailure (executor 1 exited with code 137)', '', 'out-of-memory', 7],
    [
      'FATAL ERROR: Ineffective mark-compacts near heap limit: JavaScript heap out of memory',
      '',
      'out-of-memory',
      7,
    ],
    ['Worker terminated due to reaching memory limit: JS heap out of memory', '', 'out-of-memory', 7],
    ['', 'All masters are unresponsive! Giving up.', 'engine-unreachable', 7],
    ['', 'whatever', 'engine-failed', 7],
  ])('%j, with the log %j, is %s', (said, log, code, exitCode) => {
    expect(sparkFailure(said, log)).toMatchObject({ code, exitCode });
  });

  it('is shown without the frames of its stack', () => {
    const log = 'a.b.SomeException: no\n\tat a.b.C.d(C.java:1)\n\t... 27 more\nWARN the end\n';
    expect(sparkFailure('', log).details['log']).toEqual(['a.b.SomeException: no', 'WARN the end']);
  });

  it('is not what executors died of before, which it got over', () => {
    expect(sparkFailure('Py4JJavaError: no', 'executor 1 exited with code 137').code).toBe('engine-failed');
  });

  it.each([
    'org.apache.hadoop.fs.s3a.NoVersionAttributeException: `s3a://lake/x`: no ETag',
    'com.amazonaws.services.s3.model.AmazonS3Exception: Forbidden (Status Code: 403)',
    'org.apache.hive2.jdbc_4.SQLError: no',
    'java.io.IOException: no route',
  ])('names the cause %s, whatever its package is called', (cause) => {
    const said = `Py4JJavaError: An error occurred while calling z:org.apache.commons.io.IOUtils.toByteArray.\n: ${cause}\n\tat x\n`;
    expect(sparkFailure(said, '').message).toBe(`Spark failed: ${cause}`);
  });

  it.each([
    'spark://host:7077',
    'yarn',
    'k8s://https://host',
    'local[2]',
    'local-cluster[2,1,1024]',
    'mesos://x',
  ])('is not awaited for the master %s', (master) => expect(() => requireMaster(master)).not.toThrow());

  it.each([
    ['sc://localhost:15002', 'Spark Connect is not supported'],
    ['http://localhost:8077', 'wanted the address of a master'],
    ['yarns', 'wanted the address of a master'],
  ])('is said before it is started of the master %s', (master, why) => {
    expect(() => requireMaster(master)).toThrow(`\`sparkMaster\` "${master}": ${why}`);
  });

  it('names the innermost cause, and has the end of the log', () => {
    const said =
      'Py4JJavaError: An error occurred\n: org.apache.spark.SparkException: Job aborted\n\tat x\nCaused by: java.io.IOException: no route\n\tat y\n';
    const log = Array.from({ length: 30 }, (_, at) => `line ${at}`).join('\n');
    const error = sparkFailure(said, log);
    expect(error.message).toBe('Spark failed: java.io.IOException: no route');
    expect(error.details).toEqual({ log: Array.from({ length: 12 }, (_, at) => `line ${at + 18}`) });
  });
});
