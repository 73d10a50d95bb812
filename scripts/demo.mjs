// `npm run demo`: a week of classic-rock radio, from listening events to a published snapshot, and what can be asked of it. Each
// command is shown before it runs, as it can be typed again. What it makes stays in .segue-demo until the next run.
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('..', import.meta.url));
const data = 'examples/classic-rock';
const root = '.segue-demo';

// It asks only after it has published: readers of an unpublished snapshot are warned.
const steps = [
  {
    why: 'Learn a vector for every song from 37,647 plays on 25 radio stations.',
    args: ['train', `${data}/plays.csv.gz`, '--items', `${data}/items.csv`, '--factors', '16'],
  },
  {
    why: 'Index the vectors, into a new snapshot that shares its parent’s files.',
    args: ['build-index'],
  },
  { why: 'Let readers have it: verified, then one rename.', args: ['publish'] },
  {
    why: 'What is near a song? Only what is played around it was looked at.',
    args: ['similar', 'Smells Like Teen Spirit', '-k', '5'],
  },
  {
    why: 'What is near an artist?',
    args: ['similar', 'artist:Nirvana', '--kind', 'artist', '-k', '5'],
  },
  {
    why: 'What to recommend to someone who likes two songs but not a third?',
    args: [
      ...['recommend', '--like', 'Come As You Are', '--like', 'Plush', '--dislike', 'Rocket Man'],
      ...['-k', '3', '--explain'],
    ],
  },
];

/** What to try next, as it can be typed. */
const next = [
  ['similar "Hotel California" --browse', 'walk on from there'],
  ['recommend --recipe radio --seed-item Plush', 'a radio'],
  ['recipe check radio', 'how it is made'],
  ['train YOUR-EVENTS.csv', 'with your own'],
];

const color = process.stdout.isTTY && process.env.NO_COLOR === undefined;
const styled = (code, text) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
const quoted = (word) => (/^[\w./:@=-]+$/.test(word) ? word : `"${word}"`);

/** A command line that fits 80 columns, broken before options, where a shell reads on. */
function typed(args) {
  const lines = [];
  for (const part of `$ bin/run.js ${args.map(quoted).join(' ')}`.split(/ (?=-)/)) {
    const line = `${lines.at(-1)} ${part}`;
    if (lines.length > 0 && line.length <= 78) lines[lines.length - 1] = line;
    else lines.push(lines.length === 0 ? part : `    ${part}`);
  }
  return lines.join(' \\\n');
}

/** Runs a command of this repository with the terminal as it is; resolves with its exit code. */
function run(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['bin/run.js', ...args], {
      cwd: repository,
      env: { ...process.env, SEGUE_ROOT: root },
      stdio: 'inherit',
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal === null ? code : 1));
  });
}

process.on('SIGINT', () => {}); // the running command ends itself, and with its exit code the demo
await rm(new URL(`../${root}`, import.meta.url), { recursive: true, force: true });
console.log(styled(1, `$ export SEGUE_ROOT=${root}`));
for (const { why, args } of steps) {
  console.log(`\n${styled(2, `# ${why}`)}`);
  console.log(styled(1, typed(args)));
  const exitCode = await run(args);
  if (exitCode !== 0) {
    console.error(`\nthe demo stopped: "${args[0]}" ended with exit code ${exitCode}`);
    process.exit(exitCode);
  }
}
console.log(`\n${styled(2, '# Now by hand, with SEGUE_ROOT as above:')}`);
const width = Math.max(...next.map(([command]) => command.length));
for (const [command, what] of next)
  console.log(`${styled(1, `$ bin/run.js ${command.padEnd(width)}`)}  ${styled(2, `# ${what}`)}`);
