import { spawn } from 'node:child_process';

/** A command of a ```console block of a document, with what the document prints under it. */
export interface ConsoleExample {
  /** 1-based line of the command in the document. */
  readonly line: number;
  readonly command: string;
  /** Lines printed under the command; none are promised where the document prints none. */
  readonly output: readonly string[];
}

/** What running an example gave. */
export interface ConsoleResult {
  readonly exitCode: number;
  /** stdout and stderr as a terminal mixes them. */
  readonly output: string;
}

/**
 * Every command of every ```console block: a line that starts with `$ `, with the lines that a trailing `\` continues, or
 * those of its here-document (`<<'END'`).
 */
export function consoleExamples(markdown: string): ConsoleExample[] {
  const examples: { line: number; command: string; output: string[] }[] = [];
  let inBlock = false;
  let continued = false;
  let hereEnd: string | undefined;
  for (const [index, text] of markdown.split('\n').entries()) {
    const current = examples.at(-1);
    if (text.startsWith('```')) {
      inBlock = text === '```console';
    } else if (inBlock && continued && current !== undefined) {
      current.command += `\n${text}`;
      continued = text.endsWith('\\');
    } else if (inBlock && hereEnd !== undefined && current !== undefined) {
      current.command += `\n${text}`;
      if (text === hereEnd) hereEnd = undefined;
    } else if (inBlock && text.startsWith('$ ')) {
      examples.push({ line: index + 1, command: text.slice(2), output: [] });
      continued = text.endsWith('\\');
      hereEnd = /<<'(\w+)'/.exec(text)?.[1];
    } else if (inBlock) {
      current?.output.push(text);
    }
  }
  return examples;
}

/**
 * Runs all examples in one shell, so that `cd` and `export` reach the next ones. Resolves with a result an example; those
 * that the shell did not come to (since it ended) are missing.
 */
export async function runConsole(
  examples: readonly ConsoleExample[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<ConsoleResult[]> {
  const marker = `--- end of example ${Math.trunc(performance.now() * 1e6)} ---`;
  const script = examples
    .map(({ command }) => `${command}\nprintf '\\n%s %d\\n' '${marker}' "$?"\n`)
    .join('');
  const shell = spawn('bash', ['-c', `exec 2>&1\n${script}`], {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  shell.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await new Promise((resolve, reject) => shell.on('close', resolve).on('error', reject));
  const parts = text.split(new RegExp(`\\n${marker} (\\d+)\\n`));
  const results: ConsoleResult[] = [];
  for (let part = 0; part + 1 < parts.length; part += 2) {
    results.push({ output: parts[part]!, exitCode: Number(parts[part + 1]) });
  }
  return results;
}

/**
 * Whether output is what a document prints. `…` within a line stands for anything, a line of `…` alone for any lines;
 * durations differ from run to run and count as equal.
 */
export function matchesPrinted(printed: readonly string[], output: string): boolean {
  const pattern = printed
    .map(withoutDurations)
    .map((line) =>
      line.trim() === '…' ? '(?:.*\\n)*?' : `${line.trimEnd().split('…').map(escaped).join('.*')}[ ]*\\n`,
    )
    .join('');
  return new RegExp(`^${pattern}\\n*$`).test(`${withoutDurations(output).trimEnd()}\n`);
}

const withoutDurations = (text: string): string => text.replace(/\b\d+(?:\.\d+)? ?(?:ms|s)\b/g, 'TIME');

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
