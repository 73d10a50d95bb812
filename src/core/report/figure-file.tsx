/** @jsxImportSource preact */
import { renderToString } from 'preact-render-to-string';

import { figureCss, lightColours } from '../../figures/figure-style.js';
import type { ReportFigure } from './page/report-figure.js';

/** What system has which of them does not matter: they are of about the same width. */
const fonts = '"DejaVu Sans","Noto Sans","Segoe UI",Helvetica,Arial,sans-serif';

/** A drawing as an SVG file of its own: light, with its colours and its ground inside. */
export function figureFile({ drawing }: ReportFigure): string {
  const text = renderToString(drawing);
  const style = `<style>.chart text{font-family:${fonts}}\n${figureCss(lightColours)}</style>`;
  const ground = `<rect width="100%" height="100%" fill="${lightColours.background}"/>`;
  return `${text.replace(/^<svg[^>]*>/, (start) => `${start}${style}${ground}`)}\n`;
}
