import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Service } from './service.js';

export interface ServiceInUse {
  readonly service: Service;
  /** Of several roots the one that is asked. */
  readonly root: string | undefined;
  /** Counts up when what was answered may be answered otherwise: another snapshot, a token, kept feedback. */
  readonly turn: number;
  /** Makes every view ask again. */
  readonly refresh: () => void;
  /** Whether what someone likes and bans can be kept. */
  readonly canKeep: boolean;
}

export const ServiceContext = createContext<ServiceInUse | undefined>(undefined);

export function useService(): ServiceInUse {
  const inUse = useContext(ServiceContext);
  if (inUse === undefined) throw new Error('no service is given');
  return inUse;
}
