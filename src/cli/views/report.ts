/** What `report` prints: where the page is, and what is on it. */
import type { ReportResult } from '../../core/tasks/report.js';
import { drawReport, type Fact } from '../terminal/facts.js';
import { byteSize, counted, duration, listed } from '../terminal/numbers.js';
import type { Screen } from '../terminal/screen.js';

export function drawReportResult(result: ReportResult, screen: Screen): string {
  const { snapshot, against, path, bytes, sections, figures, seconds } = result;
  const drawings = figures.flatMap(({ files }) => files);
  const facts: Fact[] = [
    ['of', snapshot],
    ['against', against ?? undefined],
    ['holds', listed(sections.map((title) => title.slice(0, 1).toLowerCase() + title.slice(1)))],
    ['file', path === null ? undefined : `${path} (${byteSize(bytes)})`],
    [
      'figures',
      drawings.length === 0
        ? undefined
        : `${counted(figures.length, 'figure')} in ${counted(drawings.length, 'file')}`,
    ],
  ];
  return drawReport(`Reported in ${duration(seconds)}`, facts, screen);
}
