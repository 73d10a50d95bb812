import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '#dist/core/errors.js';
import { snapshotFile } from '#dist/core/snapshot/layout.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withJsonRows } from '../scripts/make-json-rows.mjs';
import { serveCommandsIn } from './helpers/commands-here.js';
import { consoleExamples, matchesPrinted, runConsole } from './helpers/console-examples.js';
import { describeInSmokeTest, inSmokeTest, isFullTest, isNightly } from './helpers/full-tests.js';

const quickly = inSmokeTest();
const quickDescribe = describeInSmokeTest();

const repository = fileURLToPath(new URL('..', import.meta.url));
const inDocs = await readdir(join(repository, 'docs'), { recursive: true });
const documents = [
  ...['README.md', 'CONTRIBUTING.md'],
  ...inDocs.map((name) => `docs/${name}`).filter((name) => name.endsWith('.md')),
];
const textOf = new Map<string, string>();
for (const name of documents) textOf.set(name, await readFile(join(repository, name), 'utf8'));

/** A page of the guide: it is short, and begins with the model that docs/README.md makes. */
const isGuide = (name: string): boolean => /^docs\/[^/]+\.md$/.test(name);

/** What a document's headings are linked by. */
function headingsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!.toLowerCase());
  return headings.map((heading) => heading.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'));
}

/** The text below a heading, up to the next one of its level; all of it without one. */
function sectionOf(text: string, heading?: string): string {
  const lines = text.replaceAll(/^```.*?^```/gms, (block) => block.replaceAll(/^#/gm, ' #')).split('\n');
  const level = (line: string): number => /^#* /.exec(line)?.[0].length ?? 0;
  const at = heading === undefined ? 0 : lines.findIndex((line) => headingsOf(line)[0] === heading);
  const end = lines.findIndex((line, i) => i > at && level(line) > 1 && level(line) <= level(lines[at]!));
  return lines.slice(at, end < 0 ? undefined : end).join('\n');
}

/** Stands for npm where a document says `npm ci` or `npm test`: this test is a part of what those do; .ci/run has the demo. */
const npm = `#!/bin/sh
case "$*" in
  ci | 'ci --ignore-scripts' | test | 'run build' | 'run demo') ;;
  *) echo "npm $*: not known to this test" >&2; exit 1 ;;
esac
`;

/** Stands for the clients of an object store, whose buckets are folders of s3/, and of Kafka, which has two messages. */
const aws = `#!/bin/bash
args=("\${@/#s3:\\/\\//$(dirname "$0")/../s3/}")
case "\${args[1]}" in
  cp) if [ "\${args[3]}" = - ]; then cat "\${args[2]}"; else cp "\${args[@]:2}"; fi ;;
  sync) mkdir -p "\${args[3]}" && cp -r "\${args[2]}/." "\${args[3]}" ;;
  *) exit 1 ;;
esac
`;
const kcat = `#!/bin/sh
echo '{"listener": "ann", "track": "fleetwood-mac-rhiannon", "event_id": "e1"}'
echo '{"listener": "ann", "track": "10cc-art-for-arts-sake", "event_id": "e2"}'
`;

let clone = '';
let endCommands: () => Promise<void>;
beforeAll(async () => {
  // What a clone has after `npm ci && npm run build`, without writing into this one.
  clone = await mkdtemp(join(tmpdir(), 'segue-readme-'));
  for (const name of ['scripts', 'examples', 'package.json'])
    await cp(join(repository, name), join(clone, name), { recursive: true });
  for (const name of ['bin', 'dist', 'node_modules', 'oclif.manifest.json'])
    await symlink(join(repository, name), join(clone, name));
  for (const name of ['path', 'here']) await mkdir(join(clone, name));
  endCommands = await serveCommandsIn(join(clone, 'here'));
  await symlink(join(repository, 'bin/run.js'), join(clone, 'path/segue'));
  for (const [name, text] of Object.entries({ npm, aws, kcat }))
    await writeFile(join(clone, 'path', name), text, { mode: 0o755 });
  await mkdir(join(clone, 's3/music/plays'), { recursive: true });
  for (const path of ['plays.csv.gz', 'plays/plays.csv.gz'])
    await cp(join(repository, 'examples/classic-rock/plays.csv.gz'), join(clone, 's3/music', path));
});
afterAll(async () => {
  await endCommands();
  await rm(clone, { recursive: true, force: true });
});

/** What a reader begins with is run as a reader runs it; of the other pages the commands run in this process (a help's examples do not). */
const isRunByProcesses = (name: string): boolean => isNightly || /^(?:docs\/)?README\.md$/.test(name);

/** A folder with the examples, and the root that docs/README.md makes, which is made once. */
async function guideFolder(name: string, env: Record<string, string | undefined>): Promise<string> {
  const [folder, start] = [join(clone, 'guide', name), join(clone, 'guide/start')];
  for (const each of [start, folder]) {
    if (existsSync(each)) continue;
    await mkdir(each, { recursive: true });
    await symlink(join(clone, 'examples'), join(each, 'examples'));
    const first = consoleExamples(textOf.get('docs/README.md')!);
    if (each === start) await runConsole(first, { cwd: start, env });
  }
  await cp(join(start, '.segue'), join(folder, '.segue'), { recursive: true, verbatimSymlinks: true });
  return folder;
}

// The full test is about consoles.
const tested = documents.filter((name) => !isFullTest() || consoleExamples(textOf.get(name)!).length > 0);
describe.each(tested)('%s', (name) => {
  const text = textOf.get(name)!;
  const examples = consoleExamples(text);

  // In `npm test` the first ones of the README: the training, whose id and losses are of every bit.
  const numFirst = 1 + examples.findIndex(({ command }) => /^segue train(?!.*--dry-run)/.test(command));
  if (!isFullTest()) examples.splice(name === 'README.md' ? numFirst : 0);
  const tags = ['curl', 'jq'].filter((tool) => examples.some(({ command }) => command.includes(`${tool} `)));
  if (examples.length > 0)
    it('prints commands that do what it says', { tags }, async () => {
      const env: Record<string, string | undefined> = { ...process.env, NO_COLOR: '1', COLUMNS: '100' };
      const paths = [join(clone, 'path'), dirname(process.execPath), process.env['PATH']];
      const processes = paths.join(delimiter);
      env['PATH'] = isRunByProcesses(name) ? processes : [join(clone, 'here'), processes].join(delimiter);
      for (const key of Object.keys(env)) if (key.startsWith('SEGUE_')) env[key] = undefined;
      if (!isFullTest()) env['SEGUE_THREADS'] = '1';
      const cwd = isGuide(name) ? await guideFolder(basename(name), env) : clone;
      const results = await runConsole(examples, { cwd, env });
      // Others publish for themselves, and `listeners` shows what is new since the last time.
      if (name === 'README.md') await rm(join(clone, '.segue'), { recursive: true, force: true });
      const wrong = examples.flatMap(({ line, command, output: printed }, index) => {
        const result = results[index];
        if (result === undefined) return [`${name}:${line} was not reached: ${command}`];
        // An example that fails on purpose prints its error.
        if (printed.length === 0 && result.exitCode !== 0) {
          return [`${name}:${line} ended with ${result.exitCode}: ${command}\n${result.output}`];
        }
        if (printed.length > 0 && !matchesPrinted(printed, result.output)) {
          return [`${name}:${line} printed otherwise: ${command}\n${result.output}`];
        }
        return [];
      });
      expect(wrong.join('\n')).toBe('');
    });

  quickly('links to files and headings that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    const missing = links.filter(([, file, heading]) => {
      const target = file === '' ? name : join(dirname(name), file!);
      if (!existsSync(join(repository, target))) return true;
      return heading !== undefined && !headingsOf(textOf.get(target) ?? '').includes(heading);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });

  quickly('names files of this repository that are there', () => {
    const named = [...text.matchAll(/`((?:src|test|bench|scripts|docs|recipes|examples|bin)\/[^`\s]*)`/g)];
    const paths = named.map(([, path]) => path!).filter((path) => !/[A-Z]{3}|[…*<]/.test(basename(path)));
    expect(paths.filter((path) => !existsSync(join(repository, path)))).toEqual([]);
  });
});

quickDescribe('README.md', () => {
  quickly('starts with one command that shows segue and one that tests it', () => {
    const [first, second] = consoleExamples(textOf.get('README.md')!);
    expect(first?.command).toBe('npm ci && npm run demo');
    expect(second?.command).toBe('npm test');
  });

  quickly('is short, and in the order in which a reader asks', () => {
    const text = textOf.get('README.md')!;
    expect(text.split('\n').length).toBeLessThanOrEqual(201);
    const headings = [
      'Your own file',
      'The flow',
      'Commands',
      'How good',
      'How fast',
      'Install',
      'Contributing',
    ];
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(headings);
  });
});

quickDescribe('the guide', () => {
  const pages = documents.filter(isGuide);
  const wordsOf = (name: string): number => textOf.get(name)!.split(/\s+/).filter(Boolean).length;

  quickly('is short: 15,000 words, of which no page has more than 1,000', () => {
    expect(pages.reduce((sum, name) => sum + wordsOf(name), 0)).toBeLessThanOrEqual(15_000);
    const longer = pages.filter((name) => wordsOf(name) > 1000);
    expect(longer).toEqual([]);
  });

  quickly('quotes messages that there are', () => {
    const table = sectionOf(textOf.get('docs/troubleshooting.md')!, 'train-says-');
    const quoted = [...table.matchAll(/^\| ([^|]+?) +\|/gm)].map(([, cell]) => cell!).slice(2);
    const parts = quoted.flatMap((message) =>
      message
        .split('…')
        .map((part) => part.trim())
        .filter(Boolean),
    );
    const sources = readdirSync(join(repository, 'src'), { recursive: true, encoding: 'utf8' });
    const code = sources
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => readFileSync(join(repository, 'src', path), 'utf8'))
      .join('\n');
    expect(parts.length).toBeGreaterThan(10);
    expect(parts.filter((part) => !code.includes(part))).toEqual([]);
  });

  quickly('answers what its index asks by commands, which are run', () => {
    const links = [...textOf.get('docs/README.md')!.matchAll(/\]\(([a-z-]+\.md)(?:#([a-z0-9-]+))?\)/g)];
    const answered = links.map(([link, file, heading]) => ({
      link,
      commands: consoleExamples(sectionOf(textOf.get(`docs/${file!}`)!, heading)).length,
    }));
    expect(new Set(links.map(([, file]) => `docs/${file!}`)).size).toBe(pages.length - 1);
    // Words; a cluster.
    const without = ['](glossary.md)', '](spark.md)'];
    expect(answered.filter(({ link, commands }) => commands === 0 && !without.includes(link))).toEqual([]);
  });
});

quickDescribe('docs/reference/formats.md', () => {
  const text = textOf.get('docs/reference/formats.md') ?? '';

  quickly('describes every file of a snapshot', () => {
    expect(Object.values(snapshotFile).filter((path) => !text.includes(`| \`${path}\``))).toEqual([]);
  });

  quickly('names the keys of every JSON document, as the schemas do', () => {
    // node scripts/make-json-rows.mjs writes them.
    expect(withJsonRows(text)).toBe(text);
  });

  quickly('names every error code beside its exit code', () => {
    const rows = [...text.matchAll(/^\| (\d+) +\| (`[^|]+`) +\|$/gm)];
    const documented = rows.flatMap(([, exit, codes]) =>
      codes!.split(', ').map((code) => `${exit} ${code.slice(1, -1)}`),
    );
    const source = readFileSync(join(repository, 'src/core/errors.ts'), 'utf8');
    const known = [...source.matchAll(/^ {2}'?([a-z-]+)'?: exitCodes\.(\w+)/gm)].map(
      ([, code, name]) => `${exitCodes[name as keyof typeof exitCodes]} ${code}`,
    );
    expect(known.length).toBeGreaterThan(20);
    expect(documented.sort()).toEqual([...known, `${exitCodes.bug} bug`].sort());
  });
});

quickDescribe('console examples', () => {
  const block =
    '```console\n$ echo one \\\n  two\none two\n$ export X=3\n$ echo $X; false\n3\n```\n\n```sh\n$ not run\n```\n';

  quickly('are commands with their continuation lines and what is printed under them', () => {
    expect(consoleExamples(block)).toEqual([
      { line: 2, command: 'echo one \\\n  two', output: ['one two'] },
      { line: 5, command: 'export X=3', output: [] },
      { line: 6, command: 'echo $X; false', output: ['3'] },
    ]);
  });

  quickly('take in the lines of a here-document', () => {
    const text = "```console\n$ cat > a <<'END'\n$ one\n\ntwo\nEND\n$ cat a\n$ one\n```\n";
    expect(consoleExamples(text)).toEqual([
      { line: 2, command: "cat > a <<'END'\n$ one\n\ntwo\nEND", output: [] },
      { line: 7, command: 'cat a', output: [] },
      { line: 8, command: 'one', output: [] },
    ]);
  });

  quickly('run in one shell, and tell output and exit code', async () => {
    const results = await runConsole(consoleExamples(block), {
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'] },
    });
    expect(results).toEqual([
      { exitCode: 0, output: 'one two\n' },
      { exitCode: 0, output: '' },
      { exitCode: 1, output: '3\n' },
    ]);
  });

  quickly(
    'have commands run in this process, with the environment, directory and files of a shell',
    async () => {
      const cwd = join(clone, 'here');
      const commands = [
        'export SEGUE_ROOT=nowhere',
        'segue publish',
        'segue publish > said 2>&1; segue publish >> said; wc -l < said',
        'mkdir below; cd below; echo hi > hi.csv; segue train - --dry-run < hi.csv',
      ];
      const results = await runConsole(
        commands.map((command, line) => ({ command, line, output: [] })),
        { cwd, env: { PATH: [cwd, process.env['PATH']].join(delimiter) } },
      );
      const refused = 'Error: no snapshot has been made in nowhere yet\n  → segue train EVENTS\n';
      expect(results).toMatchObject([
        { exitCode: 0, output: '' },
        { exitCode: 3, output: refused },
        { exitCode: 0, output: `${refused}2\n` },
        { exitCode: 2, output: expect.stringContaining('standard input has one column') },
      ]);
    },
  );

  quickly('match what is printed up to durations and what … stands for', () => {
    expect(matchesPrinted(['trained in 1.2 s', '', '…', 'end'], 'trained in 340 ms\n\na\nb\nend\n')).toBe(
      true,
    );
    expect(matchesPrinted(['id … of 3'], 'id abc of 3')).toBe(true);
    expect(matchesPrinted(['id … of 3'], 'id abc of 4')).toBe(false);
    expect(matchesPrinted(['a', 'b'], 'a\n')).toBe(false);
    expect(matchesPrinted(['a'], 'a\nb\n')).toBe(false);
    expect(matchesPrinted(['a (b) [c]'], 'a (b) [c]\n')).toBe(true);
  });
});
