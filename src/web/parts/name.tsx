import type { ComponentChild } from 'preact';
import { safeText } from '../../cli/terminal/safe-text.js';

/** Text from data: in its own reading direction, and what cannot be seen as its escape. */
export function Name({ text }: { readonly text: string }): ComponentChild {
  return <bdi>{safeText(text)}</bdi>;
}
