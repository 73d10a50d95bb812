import type { VNode } from 'preact';

/** A table of what is drawn, or of what is not: texts, which columns of numbers have at their right. */
export interface DataTable {
  readonly head: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

export interface Column {
  readonly text: string;
  readonly isNumber?: boolean;
}

/** A drawing with its words, for a page and for a file. */
export interface ReportFigure {
  /** Of its files, without an ending. */
  readonly name: string;
  readonly title: string;
  /** What is seen, and how it is read: one or two sentences. */
  readonly caption: string;
  readonly drawing: VNode;
  /** The same for those who do not see it. */
  readonly table: DataTable;
}

export function number(text: string): Column {
  return { text, isNumber: true };
}

export function words(text: string): Column {
  return { text };
}
