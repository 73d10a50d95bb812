/** Opens an address in the browser of whoever sits at the machine. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** As long as a program takes to say that it cannot. */
const patienceMs = 3000;

/** @returns why it could not be opened; undefined where it could, as far as can be known */
export function openBrowser(url: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  // There, xdg-open would open a browser of text, which takes the terminal.
  const hasDisplay = ['DISPLAY', 'WAYLAND_DISPLAY'].some((name) => environment[name] !== undefined);
  if (process.platform === 'linux' && !hasDisplay) return Promise.resolve('there is no display');
  const [program, args] = openerOf(process.platform, url);
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true, windowsHide: true });
    const timer = setTimeout(() => resolve(undefined), patienceMs).unref();
    child.once('error', (error) => resolve(`${program}: ${error.message}`));
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code === 0 || code === null ? undefined : `${program} ended with ${code}`);
    });
    child.unref();
  });
}

/** The program that a system has for it. */
export function openerOf(
  platform: NodeJS.Platform,
  url: string,
): readonly [program: string, args: readonly string[]] {
  if (platform === 'darwin') return ['open', [url]];
  // `start` is a command of the shell, which reads & as the end of one: rundll32 is given the address as it is.
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return ['xdg-open', [url]];
}

/**
 * A file with a page that leads to `url`, for this user alone: whoever lists processes sees what a browser is started with,
 * and may not read it there.
 */
export function pageLeadingTo(url: string): { readonly url: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'segue-explore-'));
  const path = join(directory, 'index.html');
  const address = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const text = `<!doctype html><title>segue</title><meta http-equiv="refresh" content="0; url=${address}">`;
  writeFileSync(path, `${text}<a href="${address}">segue</a>\n`, { mode: 0o600 });
  return {
    url: pathToFileURL(path).href,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
