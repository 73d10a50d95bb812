import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveCommandsIn } from '../helpers/commands-here.js';
import { runConsole } from '../helpers/console-examples.js';
import { isNightly } from '../helpers/full-tests.js';
import { helpExamples as examples } from '../helpers/help-examples.js';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { smallRock } from '../helpers/small-rock.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');
let folder = '';
let endCommands: () => Promise<void>;
beforeAll(async () => {
  folder = makeDirectory();
  for (const name of ['path', 'here']) mkdirSync(join(folder, name));
  endCommands = await serveCommandsIn(join(folder, 'here'));
  symlinkSync(binPath, join(folder, 'path/segue'));
  mkdirSync(join(folder, 'examples'));
  symlinkSync(smallRock.folder, join(folder, 'examples/classic-rock'));
  writeFileSync(join(folder, 'new.csv'), 'id,name,artist,released\nnew,New Song,Nirvana,1993\n');
});

afterAll(() => endCommands());

it('the examples of --help do what they say', async () => {
  const processes = [join(folder, 'path'), dirname(process.execPath), process.env['PATH']].join(delimiter);
  const env = cleanEnv({ SEGUE_ROOT: join(folder, 'root'), SEGUE_THREADS: '1', PATH: processes });
  /** The first example of a command is a process, the others are run in this one. */
  const pathOf = (id: string, line: number): string =>
    isNightly || examples.findIndex((each) => each.id === id) === line
      ? processes
      : [join(folder, 'here'), processes].join(delimiter);
  // What there is to go back to, once something was published.
  const lastPublish = examples.findLastIndex(({ id }) => id === 'publish');
  // A rollback to a time leads to the one or the other, by the speed of the machine; what is current cannot be deleted.
  const firstDelete = examples.findIndex(({ id }) => id === 'snapshots:delete');
  const prepared = (command: string, line: number): string => {
    // It answers until it is told to stop, and then ends well.
    const ended =
      `rm -f served; ${command} > served & for i in $(seq 600); do grep -qs http served && break; sleep 0.1; done; ` +
      'kill $! && wait $!';
    if (command.includes('roots/'))
      return `mkdir roots && ln -s "$SEGUE_ROOT" roots/rock && ln -s "$SEGUE_ROOT" roots/jazz; ${ended}`;
    if (/^segue (?:serve|explore)\b/.test(command)) return ended;
    // Of a model that has one.
    if (command.includes('--what matrix'))
      return `(export SEGUE_ROOT=lists; segue train examples/classic-rock/plays.csv.gz --model slim && ${command})`;
    if (line === lastPublish) return `${command} && segue publish small && sleep 1 && segue publish`;
    return line === firstDelete ? `segue publish small && ${command}` : command;
  };
  const consoleExamples = examples.map(({ id, command }, line) => ({
    line,
    command: `PATH='${pathOf(id, line)}'; ${prepared(command, line)}`,
    output: [],
  }));
  expect(Math.min(lastPublish, firstDelete)).toBeGreaterThan(0);
  const results = await runConsole(consoleExamples, { cwd: folder, env });
  const wrong = examples.flatMap(({ id, command }, index) => {
    const { exitCode, output } = results[index]!;
    // The browser needs a terminal, and says so; a condition of diff-snapshots may hold or not.
    const expected = command.includes('browse') ? [2] : id === 'diff-snapshots' ? [0, 1] : [0];
    return expected.includes(exitCode) ? [] : [`${command}\nended with ${exitCode}\n${output}`];
  });
  expect(wrong.join('\n')).toBe('');
});
