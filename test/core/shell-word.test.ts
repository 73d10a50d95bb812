import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atRoot, commandLine, typedRoot } from '#dist/cli/terminal/command-line.js';
import { safeText } from '#dist/cli/terminal/safe-text.js';
import type { AppError } from '#dist/core/errors.js';
import { fileWord, quotedName, shellWord } from '#dist/core/shell-word.js';
import { itemLabel } from '#dist/core/store/item-record.js';
import { train } from '#dist/core/tasks/train.js';
import { listening } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

/** What a POSIX shell makes of texts that are pasted: each one's words, as printf and the commands they name are called with them. */
function asShellReads(texts: readonly string[], shell = 'sh'): string[][] {
  const functions = ['segue', 'curl', 'gzip', 'word'].map((name) => `${name}() { printf '%s\\0' "$@"; }`);
  const script = [...functions, ...texts.map((text) => `${text}\nprintf '\\1'`)].join('\n');
  const printed = execFileSync(shell, {
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    input: script,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return printed
    .split('\u0001')
    .slice(0, -1)
    .map((words) => words.split('\0').slice(0, -1));
}

const known = [
  ...[
    'plays.csv',
    'my plays.csv',
    "it's",
    '$HOME',
    'a;b',
    '*.tsv',
    '',
    '--reg=-1',
    'linear:2',
    '"q"\\n',
    'Björk',
  ],
  ...[
    "'; touch PWNED; '",
    '$(touch P)',
    '`touch P`',
    "a'$(touch P)'.gz",
    '=ls',
    '~',
    '!!',
    '{a,b}',
    '#x',
    'a\\',
    '"$(x)"',
  ],
];
const hostile = fc.sample(
  fc.string({ unit: fc.constantFrom(...Array.from(`'"$\`\\!;&|<>()[]{}*?~#= -abé雪`)), maxLength: 12 }),
  400,
);
const words = [...known, ...hostile];

describe('what is printed of a word', () => {
  it('is read back by a shell, and runs nothing', () => {
    const shown = words.map((word) => safeText(shellWord(word)));
    expect(asShellReads(shown.map((word) => `word ${word}`))).toEqual(words.map((word) => [word]));
  });

  it('is that word in bash where a terminal shows characters as their escape, and one word in any shell', () => {
    const odd = [
      ...[
        'a\nb',
        "\x1b[31m'$(x)",
        '\u202egnp',
        'tab\t;x',
        '\x07f',
        "\x1b'; touch PWNED; '",
        'é\x9b\\n',
        '\u{e0041}雪',
      ],
      ...['a' + '\u0301'.repeat(20), '\u0301b'],
      ...hostile.map((word) => `\x1b${word}\u202e`),
    ];
    for (const print of [shellWord, quotedName]) {
      const shown = odd.map((word) => `word ${safeText(print(word))}`);
      expect(shown.every((line) => /^[\x20-\x7e]*$/.test(line))).toBe(true);
      expect(asShellReads(shown, 'bash')).toEqual(odd.map((word) => [word]));
      expect(asShellReads(shown).map((read) => read.length)).toEqual(odd.map(() => 1));
    }
  });

  it('is no flag where it is a file', () => {
    expect(fileWord('-rf')).toBe('./-rf');
    expect(asShellReads(words.map((word) => `word ${fileWord(word)}`))).toEqual(
      words.map((word) => [word.startsWith('-') ? `./${word}` : word]),
    );
  });

  it('of a name is in double quotes where these are enough', () => {
    expect(quotedName('Smells Like Teen Spirit')).toBe('"Smells Like Teen Spirit"');
    expect(itemLabel({ id: 'x', name: '$(touch P)', artist: 'Nobody' })).toBe("'$(touch P)' by Nobody");
    expect(asShellReads(words.map((word) => `word ${quotedName(word)}`))).toEqual(
      words.map((word) => [word]),
    );
  });

  it('is plain where it can be', () => {
    expect(shellWord('--unobserved-ratio')).toBe('--unobserved-ratio');
    expect(shellWord('id:nirvana-come-as-you-are')).toBe('id:nirvana-come-as-you-are');
  });
});

describe('a suggested command', () => {
  it('has the root that was typed, and its words, whatever they are called', () => {
    const lines = words.map((word) => commandLine(word)('snapshots untag', word));
    expect(asShellReads(lines)).toEqual(words.map((word) => ['snapshots', 'untag', '--root', word, word]));
  });

  it('of a task is told that root', () => {
    expect(atRoot('segue publish', undefined)).toBe('segue publish');
    expect(atRoot('segue publish', 'r')).toBe('segue publish --root r');
    expect(atRoot('segue snapshots untag x', 'a $& b')).toBe("segue snapshots untag --root 'a $& b' x");
    expect(atRoot('segue snapshots list shows what there is', 'r')).toBe(
      'segue snapshots list --root r shows what there is',
    );
    expect(atRoot('segue recommend, which needs none', 'r')).toBe(
      'segue recommend --root r, which needs none',
    );
    expect(atRoot('segue feedback undo a', 'r')).toBe('segue feedback undo --root r a');
    for (const help of ['segue publish --help', 'segue snapshots list --help'])
      expect(atRoot(help, 'r')).toBe(help);
    // Whatever is quoted stays as it is: another quote would open it.
    for (const other of ["gzip -t 'segue publish'", 'did you mean segue similar?', 'segue --help'])
      expect(atRoot(other, "'")).toBe(other);
  });

  it('stands at the beginning of what a task suggests, where its root is added', () => {
    const root = fileURLToPath(new URL('../../src/core/', import.meta.url));
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.ts'),
    );
    const command =
      /[^'\x60a-z]segue (train|evaluate|tune|build-index|user-vector|publish|similar|recommend|rollback|snapshots|gc|export|import|feedback|audience|items|users|browse|recipe)\b/;
    const inside = files.flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .filter((line) => command.test(line) && !/^\s*(\/?\*|\/\/)/.test(line)),
    );
    // A form of input, and no command to run.
    const isInput =
      /wanted the output of segue|the output of segue user-vector --json|what segue \w+ --json printed/;
    expect(inside.filter((line) => !isInput.test(line))).toEqual([]);
  });

  it.each([
    [['--root', 'r', 'x'], 'r'],
    [['--root=a=b'], 'a=b'],
    [['--root', 'a', '--root', 'b'], 'b'],
    [['x'], undefined],
    [['--', '--root', 'r'], undefined],
  ])('knows the root of %j', (argv, root) => expect(typedRoot(argv)).toBe(root));
});

describe('what is suggested of a file', () => {
  const newDirectory = temporaryDirectories();
  const suggestionOf = async (events: string): Promise<string> => {
    const options = {
      ...{
        root: 'nowhere',
        events: [events],
        format: 'auto',
        skipBadRows: false,
        model: 'als',
        modelOptions: {},
      },
      ...{ seed: 1, threads: 1, minUserItems: 1, minItemUsers: 1, minimumsOnce: false, holdout: 0 },
      ...{ withoutUsers: false, dryRun: true },
    } as unknown as Parameters<typeof train>[0];
    const error: unknown = await train(options, listening()).catch((reason: unknown) => reason);
    return (error as AppError).suggestions[0] ?? '';
  };

  it('is read by a shell as that file: URLs, directories, damaged gzip files', async () => {
    const directory = newDirectory();
    const evil = "d'; touch PWNED; '";
    const url = "http://x/'; touch PWNED; echo '";
    const gzip = join(directory, "a'$(touch P)'.gz");
    mkdirSync(join(directory, evil));
    writeFileSync(gzip, Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]));
    const [fetched, checked] = [
      (await suggestionOf(url)).replace(/^.*: | \| .*$/g, ''),
      (await suggestionOf(gzip)).replace(/^.*: /, ''),
    ];
    expect(asShellReads([fetched, checked])).toEqual([
      ['-sSL', url],
      ['-t', gzip],
    ]);
  });
});
