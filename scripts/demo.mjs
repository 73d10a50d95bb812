// `npm run demo`: a week of classic-rock radio, from listening events to a published snapshot. Each command is shown before it runs,
// as it can be typed again. What it makes stays in .segue-demo until the next run.
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('..', import.meta.url));
const data = 'examples/classic-rock';
const root = '.segue-demo';

const steps = [
  {
    why: 'Learn a vector for every song from 37,647 plays on 25 radio stations; 172 station-days need few dimensions.',
    args: ['train', `${data}/plays.csv.gz`, '--items', `${data}/items.csv`, '--factors', '16'],
  },
  {
    why: 'Build the index of nearest neighbours; it makes a new snapshot that shares its parent’s files.',
    args: ['build-index'],
  },
  { why: 'Let readers have it: sizes and checksums are verified, then one rename.', args: ['publish'] },
  {
    why: 'What is near a song? Its title was never looked at, only what is played around it.',
    args: ['similar', 'Smells Like Teen Spirit'],
  },
  {
    why: 'What suits someone new, who likes two songs and dislikes a third?',
    args: ['recommend', '--like', 'Come As You Are', '--like', 'Plush', '--dislike', 'Rocket Man'],
  },
];

const color = process.stdout.isTTY && process.env.NO_COLOR === undefined;
const styled = (code, text) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
const quoted = (word) => (/^[\w./:@=-]+$/.test(word) ? word : `"${word}"`);

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
  console.log(styled(1, `$ bin/run.js ${args.map(quoted).join(' ')}`));
  const exitCode = await run(args);
  if (exitCode !== 0) {
    console.error(`\nthe demo stopped: "${args[0]}" ended with exit code ${exitCode}`);
    process.exit(exitCode);
  }
}
console.log(
  `\nNow by hand: ${styled(1, `SEGUE_ROOT=${root} bin/run.js similar "Hotel California" --browse`)}`,
);
