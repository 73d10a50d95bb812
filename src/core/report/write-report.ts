/** A report as files: the page, and its drawings as files of their own. Each appears whole, or not at all. */
import type { Positive } from '../contracts.js';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, errnoOf, orMachineError } from '../errors.js';
import { openOutputFile, type OutputFile } from '../files/output-file.js';
import type { ReportData } from './gather-report.js';
import type { report } from '../options/operations.js';
import type { Asked } from '../options/option.js';

export type ReportTarget = Asked<Pick<typeof report.options, 'out' | 'figures' | 'png' | 'force'>>;

export interface WrittenFile {
  readonly path: string;
  readonly bytes: Positive;
}

export interface WrittenReport {
  /** null where it went elsewhere than to a file. */
  readonly path: string | null;
  readonly bytes: Positive;
  /** Titles of its parts, in order. */
  readonly sections: readonly string[];
  readonly figures: readonly { readonly name: string; readonly files: readonly WrittenFile[] }[];
}

/** Where a command that does something else writes a page of it too. AppError 'bad-usage' for stdout, which has its answer. */
export function besides(report: string): ReportTarget & { readonly out: string } {
  if (report === '-') {
    throw new AppError('bad-usage', '`report` needs a file: stdout has the answer', {
      suggestions: ['`report` report.html'],
    });
  }
  return { out: report, force: true };
}

/**
 * Draws what `gather` finds, and writes it. Whether the names are free is found out first. AppErrors: 'bad-usage' for a file
 * that is there already and for `png` without `figures`, 'missing-part' where nothing is installed that makes PNG, those of the
 * machine, and what `gather` throws.
 */
export async function writeReport(
  gather: () => Promise<ReportData>,
  { out, figures, png = false, force }: ReportTarget,
): Promise<WrittenReport> {
  const files: OutputFile[] = [];
  const open = (path: string): OutputFile => {
    const file = openOutputFile(path, { force });
    files.push(file);
    return file;
  };
  try {
    const page = typeof out === 'string' ? open(out) : undefined;
    if (png && figures === undefined)
      throw new AppError('bad-usage', '`png` applies to `figures`, and none are written');
    const pngOf = png ? await (await import('./figure-png.js')).openPngMaker() : undefined;
    if (figures !== undefined) makeFolder(figures);
    const data = await gather();
    const { figuresOf, partsOf, reportPage } = await import('./page/report-page.js');
    const drawn: WrittenReport['figures'][number][] = [];
    if (figures !== undefined) {
      const { figureFile } = await import('./figure-file.js');
      for (const figure of figuresOf(data)) {
        const svg = figureFile(figure);
        const contents = [
          ['svg', Buffer.from(svg)] as const,
          ...(pngOf ? [['png', pngOf(svg)] as const] : []),
        ];
        const written = contents.map(([ending, bytes]) => {
          const file = open(join(figures, `${figure.name}.${ending}`));
          file.write(bytes);
          return { path: file.path, bytes: file.bytes };
        });
        drawn.push({ name: figure.name, files: written });
      }
    }
    const bytes = Buffer.from(reportPage(data));
    page?.write(bytes);
    for (const file of files) file.finish();
    // The page last: where it is, its drawings are.
    for (const file of [...files].reverse()) file.commit();
    if (typeof out !== 'string') await out.write(bytes);
    return {
      path: page?.path ?? null,
      bytes: bytes.length,
      sections: partsOf(data).map(({ title }) => title),
      figures: drawn,
    };
  } finally {
    for (const file of files) file.abandon();
  }
}

function makeFolder(path: string): void {
  try {
    orMachineError(`make ${path}`, () => mkdirSync(path, { recursive: true }));
  } catch (error) {
    const cause = error instanceof AppError ? error.cause : error;
    if (errnoOf(cause) !== 'EEXIST' && errnoOf(cause) !== 'ENOTDIR') throw error;
    throw new AppError('bad-usage', `${path} is no folder: drawings are written into one`, {
      suggestions: ['name a folder with `figures`'],
      details: { file: path },
      cause,
    });
  }
}
