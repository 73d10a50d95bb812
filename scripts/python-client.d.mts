export function pythonClient(document: object): string;
