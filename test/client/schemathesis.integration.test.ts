/** A fuzzer reads openapi.json and asks the service all that it permits, and much that it does not. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isNightly } from '../helpers/full-tests.js';
import { prepare } from '../helpers/prepared.js';
import { startService, type Service } from '../helpers/service.js';
import { classicRock, makeFolder, type Folder } from '../helpers/trained-root.js';

const run = promisify(execFile);
const document = fileURLToPath(new URL('../../openapi.json', import.meta.url));

let folder: Folder;
let service: Service;
beforeAll(async () => {
  folder = makeFolder();
  const train = ['train', classicRock.plays, '--items', classicRock.items, '--epochs', '2', '--factors', '8'];
  await prepare(folder, [train, ['build-index'], ['publish']]);
  service = await startService([join(folder.path, 'root')]);
});
afterAll(async () => {
  await service.close();
  folder.remove();
});

/** Whether a question that the schema permits has an answer depends on what is served; a method may be any word. */
const leftOut = ['positive_data_acceptance', 'unsupported_method'];

it(
  'answers what schemathesis asks as openapi.json says, and never fails',
  { tags: ['schemathesis'] },
  async () => {
    const args = [
      'run',
      document,
      '--url',
      service.url,
      '--header',
      `Authorization: Bearer ${service.token}`,
    ];
    const amount = [
      '--max-examples',
      isNightly ? '40' : '6',
      '--seed',
      '16',
      '--no-shrink',
      '--continue-on-failure',
    ];
    const checks = ['--exclude-checks', leftOut.join(',')];
    const { stdout } = await run('schemathesis', [...args, ...amount, ...checks], {
      ...{ cwd: folder.path, maxBuffer: 1 << 28 },
      env: { ...process.env, NO_COLOR: '1' },
    }).catch((error: unknown) => error as { stdout: string });
    const [, report = stdout] = /^(=+ FAILURES =+.*)$/ms.exec(stdout) ?? [];
    expect(stdout, report).toMatch(/Test cases:\s+\d+ generated, \d+ passed/);
    const cases = Number(/(\d+) generated/.exec(stdout)?.[1]);
    expect(cases).toBeGreaterThan(isNightly ? 2000 : 300);
  },
);
