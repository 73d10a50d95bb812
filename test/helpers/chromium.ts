/** A real browser without a window, for tests that look at pages. */
import { spawnSync } from 'node:child_process';
import { chromium, type Browser } from 'playwright-core';

const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => spawnSync('which', [name]).stdout.toString().trim())
  .find((path) => path !== '');

export function launchChromium(): Promise<Browser> {
  // A sandbox of its own needs another user than root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: executablePath ?? '', args });
}
