import { safeText } from './safe-text.js';
import { styled, type Screen, type Style } from './screen.js';
import { wrapped } from './wrapped-lines.js';

/** Any text in lines of whole words, each in the style and set in by `indent` columns. It is made safe to show here. */
export function paragraph(text: string, screen: Screen, style?: Style, indent = 0): string {
  const margin = ' '.repeat(indent);
  return wrapped(safeText(text), screen.width - indent)
    .map((line) => margin + (style === undefined ? line : styled(screen, style, line)))
    .join('\n');
}
