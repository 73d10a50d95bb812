import { useStdout } from 'ink';
import { useEffect, useState } from 'react';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The size of the terminal, followed as it changes. */
export function useTerminalSize(): TerminalSize {
  const { stdout } = useStdout();
  const [size, setSize] = useState(() => sizeOf(stdout));
  useEffect(() => {
    const handleResize = (): void => {
      setSize(sizeOf(stdout));
    };
    stdout.on('resize', handleResize);
    return () => {
      stdout.off('resize', handleResize);
    };
  }, [stdout]);
  return size;
}

const unknownSize: TerminalSize = { columns: 80, rows: 24 };

/** A terminal that does not know its size says 0 or nothing. */
function sizeOf(stdout: Partial<TerminalSize>): TerminalSize {
  const { columns = 0, rows = 0 } = stdout;
  return {
    columns: columns > 0 ? columns : unknownSize.columns,
    rows: rows > 0 ? rows : unknownSize.rows,
  };
}
