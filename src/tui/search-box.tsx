import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { fitText, shownWidth, trailingText } from './fit-text.js';
import type { TextField } from './text-field.js';
import type { Theme } from './theme.js';

export interface SearchBoxProps {
  readonly field: TextField;
  readonly typing: boolean;
  readonly width: number;
  /** With a border, three rows; without, one. */
  readonly tall: boolean;
  readonly theme: Theme;
}

const prompt = '/ ';
const placeholder = 'type a name or an artist';

export function SearchBox({ field, typing, width, tall, theme }: SearchBoxProps): ReactNode {
  const inner = width - (tall ? 4 : 0);
  const room = inner - prompt.length;
  const shown = shownField(field, room).text;
  const content = (
    <Text wrap="truncate">
      <Text {...(typing ? theme.accent : theme.quiet)}>{prompt}</Text>
      {field.text === '' ? (
        <Text {...theme.quiet}>{fitText(placeholder, room)}</Text>
      ) : (
        <Text {...theme.title}>{fitText(shown, room)}</Text>
      )}
    </Text>
  );
  if (!tall) return content;
  const border = typing && theme.border !== undefined ? { borderColor: theme.border } : {};
  return (
    <Box
      borderStyle="round"
      {...border}
      borderDimColor={!typing && theme.border !== undefined}
      paddingX={1}
      width={width}
    >
      {content}
    </Box>
  );
}

/** Where the cursor is, from the box's top left corner. */
export function cursorInBox(field: TextField, width: number, tall: boolean): { x: number; y: number } {
  const inset = tall ? 2 : 0;
  const room = width - 2 * inset - prompt.length;
  return { x: inset + prompt.length + shownField(field, room).cursor, y: tall ? 1 : 0 };
}

/** The text around the cursor that fits, and the cursor's column in it. */
function shownField(field: TextField, room: number): { text: string; cursor: number } {
  const before = field.text.slice(0, field.cursor);
  const after = field.text.slice(field.cursor);
  const lead = shownWidth(before) < room ? before : '…' + trailingText(before, room - 2);
  return { text: lead + after, cursor: shownWidth(lead) };
}
