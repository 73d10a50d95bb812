/** Where the work runs, and how Spark is found. */
import { optionValues } from '../../core/options/values.js';
import { choice, inGroup, text, texts, withEnvironment } from './flag-kinds.js';

const sparkFlags = inGroup(
  'ENGINE',
  withEnvironment({
    'spark-master': text({
      description: 'address of the Spark master, such as spark://HOST:7077 or yarn',
      defaultText: "that of spark-submit's configuration",
      helpValue: 'URL',
    }),
    'spark-conf': texts({
      description:
        'a setting of Spark, or @FILE with one a line, which keeps secrets off the command line (repeatable); values are in no log and no manifest',
      helpValue: 'KEY=VALUE',
    }),
    'spark-submit': text({
      description: 'spark-submit to start the driver with',
      defaultText: 'the pyspark of --python',
      helpValue: 'PATH',
    }),
    python: text({
      description: 'Python of the driver, and of executors where PYSPARK_PYTHON names no other',
      defaultText: 'python3',
      helpValue: 'PATH',
    }),
    'spark-staging': text({
      description: 'directory that driver and executors read, such as hdfs:///tmp/segue',
      defaultText: 'none; the driver serves files itself',
      helpValue: 'PATH',
    }),
    'spark-node': text({
      description: 'Node.js on executors, 20.19 or newer',
      defaultText: 'node of their PATH',
      helpValue: 'PATH',
    }),
  }),
);

/** Of a command that reads events. */
export const tableFlag = inGroup(
  'ENGINE',
  withEnvironment({
    table: texts({
      description: "table of Spark's catalogue with events, such as lake.music.plays (repeatable)",
      helpValue: 'NAME',
    }),
  }),
);

/** Those that mean something to Spark alone. */
export const sparkFlagNames = [...Object.keys(tableFlag), ...Object.keys(sparkFlags)];

export const engineFlags = {
  ...inGroup(
    'ENGINE',
    withEnvironment({
      engine: choice(optionValues.engine.choices, {
        description: 'where the work runs: on this machine, or on the executors of a Spark cluster',
        default: optionValues.engine.default,
      }),
    }),
  ),
  ...sparkFlags,
};
