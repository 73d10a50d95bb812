import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { launchConf, parseSparkConf, redaction } from '#dist/core/spark/spark-conf.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { words as typed } from '../../helpers/words.js';

const newDirectory = temporaryDirectories();

describe('settings of Spark', () => {
  it('are key=value, of which the last counts', () => {
    const conf = parseSparkConf(['a.b=1', 'c=x=y', 'a.b=2']);
    expect([...conf]).toEqual([
      ['a.b', '2'],
      ['c', 'x=y'],
    ]);
  });

  it('stand in a file too, with those before and after it in their order', () => {
    const file = join(newDirectory(), 'of the store.conf');
    writeFileSync(file, '# s3a\n\nspark.a=1\r\n  spark.b  two words \nspark.c = x=y\n');
    expect([...parseSparkConf(['spark.a=0', 'spark.b=0', `@${file}`, 'spark.c=2'])]).toEqual([
      ['spark.a', '1'],
      ['spark.b', 'two words'],
      ['spark.c', '2'],
    ]);
    writeFileSync(file, 'spark.a=1\nHUSH\n');
    expect(() => parseSparkConf([`@${file}`])).toThrow(`\`sparkConf\` ${file} line 2: wanted key=value`);
    expect(() => parseSparkConf(['@nowhere'])).toThrow('nowhere does not exist');
  });

  it('that are none are refused without being repeated', () => {
    expect(() => parseSparkConf(['a=1', 'HUSH'])).toThrow('`sparkConf` number 2: wanted key=value');
  });

  it('stand on a command line only where the JVM is started with them, and never a secret', () => {
    const conf = parseSparkConf(typed`spark.driver.memory=2g spark.jars.packages=a:b:1
      spark.hadoop.fs.s3a.secret.key=HUSH spark.driver.extraJavaOptions=-Da=b
      spark.kubernetes.authenticate.oauthToken=HUSH spark.executor.memory=8g`);
    expect(launchConf(conf).join(' ')).toBe(
      '--conf spark.driver.memory=2g --conf spark.jars.packages=a:b:1 --conf spark.driver.extraJavaOptions=-Da=b',
    );
  });

  it('are taken out of what Spark prints, but for numbers and sizes', () => {
    const redact = redaction(
      parseSparkConf(typed`spark.x=HUSHHUSH spark.y=HUSH spark.executor.memory=512m my.password=123456`),
    );
    expect(redact('HUSHHUSH of HUSH took 512m, 123456')).toBe(
      '(value of spark.x) of (value of spark.y) took 512m, (value of my.password)',
    );
  });
});
