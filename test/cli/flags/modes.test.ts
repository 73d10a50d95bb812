/** The flags that help shows of a mode, against what the command refuses. */
import { Config } from '@oclif/core/config';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runHere } from '../../helpers/run-here.js';

const config = await Config.load(fileURLToPath(new URL('../../..', import.meta.url)));
const modes = config.commands.flatMap((command) => {
  const { modes: all = {} } = command as { modes?: Record<string, readonly string[]> };
  return Object.entries(all).map(([mode, names]) => ({ command, mode, names }));
});

/** What a flag cannot be without, by command where it is another elsewhere. */
function together(id: string, name: string): readonly string[] {
  const ofEvents =
    /^(?:columns|delimiter|quote|no-header|encoding|decimal-comma|filter|types|sql|skip-bad-rows)$/;
  if (ofEvents.test(name) || (id === 'user-vector' && name === 'format')) return ['--events', 'e.csv'];
  if (name === 'force' || name === 'format') return ['--out', 'x.csv'];
  if (['page', 'seed-item', 'shown'].includes(name) || (id === 'recommend' && name === 'as-of'))
    return ['--recipe', 'popular'];
  if (/^spark-|^python$|^table$/.test(name)) return ['--engine', 'spark'];
  if (id === 'similar' && ['no-feedback', 'include-heard', 'skip-weight'].includes(name))
    return ['--for', 'u'];
  if (name === 'skip-unknown') return ['--exclude', 'x'];
  return [];
}

const values: Readonly<Record<string, string>> = {
  format: 'csv',
  out: 'x.ndjson',
  snapshot: 'latest',
  tag: 'x',
  recipe: 'popular',
};
/** Answers by a recipe for many are of --all, and so are these. */
const ofAnother: Readonly<Record<string, readonly string[]>> = {
  recipe: ['all', 'users-from', 'out', 'format'],
};
const subject: Readonly<Record<string, readonly string[]>> = { browse: ['x'], explain: ['u'] };

it.each(modes)('$command.id --$mode takes the flags of its page, and refuses the others', async (one) => {
  const { command, mode, names } = one;
  const wrong: string[] = [];
  for (const [name, flag] of Object.entries(command.flags)) {
    if (name === mode || flag.helpGroup === 'GLOBAL' || ofAnother[mode]?.includes(name) === true) continue;
    const { type, options } = flag as { type: string; options?: readonly string[] };
    const usual = command.id === 'user-vector' && name === 'format' ? 'auto' : values[name];
    const value = type === 'boolean' ? [] : [usual ?? options?.[0] ?? '1'];
    const chosen = mode === 'recipe' ? ['--recipe', 'popular'] : [`--${mode}`];
    const beside = names.includes(name) ? together(command.id, name) : [];
    const more = beside[0] === chosen[0] ? [] : beside;
    const args = [command.id, ...(subject[mode] ?? []), ...chosen, ...more, `--${name}`, ...value];
    const { code, stderr } = await runHere(args, { env: { SEGUE_ROOT: 'nowhere' } });
    // The browser draws on a terminal, and looks for one after all else.
    const isRefused = code === 2 && !stderr.includes('terminal');
    if (isRefused === names.includes(name)) wrong.push(`--${name}: ${stderr.split('\n', 1)[0] ?? ''}`);
  }
  expect(wrong).toEqual([]);
});
