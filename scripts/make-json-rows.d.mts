export function withJsonRows(text: string): string;
