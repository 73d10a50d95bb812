import { useStdin } from 'ink';
import { useEffect, useEffectEvent } from 'react';
import type { Key } from './key-parser.js';
import { parseKeys } from './key-parser.js';

/** Puts the terminal's input into raw mode while the component is mounted and hands on its keys, Ctrl-C among them. */
export function useKeys(onKey: (key: Key) => void, onEnd: () => void): void {
  const { stdin } = useStdin();
  const handleKey = useEffectEvent(onKey);
  const handleEnd = useEffectEvent(onEnd);
  useEffect(() => {
    let rest = '';
    const handleData = (data: string): void => {
      const parsed = parseKeys(rest + data);
      rest = parsed.rest;
      for (const key of parsed.keys) handleKey(key);
    };
    const handleClose = (): void => {
      handleEnd();
    };
    stdin.setEncoding('utf8');
    stdin.setRawMode(true);
    stdin.on('data', handleData);
    stdin.on('end', handleClose);
    stdin.ref();
    return () => {
      stdin.off('data', handleData);
      stdin.off('end', handleClose);
      stdin.setRawMode(false);
      stdin.pause();
      stdin.unref();
    };
  }, [stdin]);
}
