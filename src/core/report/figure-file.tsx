/** @jsxImportSource preact */
import { renderToString } from 'preact-render-to-string';
import { figureCss, lightColours } from '../../figures/figure-style.js';
import type { ReportFigure } from './page/report-figure.js';

/** What system has which of them does not matter: they are of about the same width. */
const fonts = '"DejaVu Sans","Noto Sans","Segoe UI",Helvetica,Arial,sans-serif';

/** White around a drawing, in its units. */
const padding = 12;

/** A drawing as an SVG file of its own: light, with its colours and its ground inside. */
export function figureFile({ drawing }: ReportFigure): string {
  const text = renderToString(drawing);
  const style = `<style>.chart text{font-family:${fonts}}\n${figureCss(lightColours)}</style>`;
  const ground = `<rect x="-${padding}" y="-${padding}" width="100%" height="100%" fill="${lightColours.background}"/>`;
  const padded = text.replace(/viewBox="0 0 (\d+) (\d+)"/, (_, width: string, height: string) => {
    const size = [Number(width) + 2 * padding, Number(height) + 2 * padding];
    return `viewBox="-${padding} -${padding} ${size.join(' ')}"`;
  });
  return `${padded.replace(/^<svg[^>]*>/, (start) => `${start}${style}${ground}`)}\n`;
}
