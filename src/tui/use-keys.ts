import { useStdin } from 'ink';
import { useEffect, useEffectEvent } from 'react';
import { parseKeys, type Key } from './key-parser.js';

/**
 * Hands on the keys of a terminal in raw mode while the component is mounted, those that came together together.
 * `onEnd` is called when no more can come.
 */
export function useKeys(onKeys: (keys: readonly Key[]) => void, onEnd: () => void): void {
  const { stdin } = useStdin();
  const handleKeys = useEffectEvent(onKeys);
  const handleEnd = useEffectEvent(onEnd);
  useEffect(() => {
    let rest = '';
    const handleData = (data: string): void => {
      const parsed = parseKeys(rest + data);
      rest = parsed.rest;
      if (parsed.keys.length > 0) handleKeys(parsed.keys);
    };
    const handleClose = (): void => {
      handleEnd();
    };
    stdin.setEncoding('utf8');
    stdin.on('data', handleData);
    stdin.on('end', handleClose);
    stdin.ref();
    return () => {
      stdin.off('data', handleData);
      stdin.off('end', handleClose);
      stdin.pause();
      stdin.unref();
    };
  }, [stdin]);
}
