/** Network file systems keep neither locks nor renames as firmly as this program relies on. */
import { statfsSync } from 'node:fs';

/** Linux' magic numbers, from linux/magic.h and statfs(2). */
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff53_4d42, 'CIFS'],
  [0xfe53_4d42, 'SMB2'],
  [0x00c3_6400, 'Ceph'],
  [0x5346_414f, 'AFS'],
  [0x0102_1997, '9P'],
  [0x0bd0_0bd0, 'Lustre'],
  [0x4750_4653, 'GPFS'],
  [0x1983_0326, 'BeeGFS'],
  [0x0116_1970, 'GFS2'],
  [0x7461_636f, 'OCFS2'],
  [0x7375_7245, 'Coda'],
  [0x786f_4256, 'VirtualBox’ shared folders'],
]);

/** The name of the network file system that holds `directory`; undefined for a local one, or where it is not known. */
export function networkFileSystem(directory: string): string | undefined {
  return process.platform === 'linux' ? networkTypeName(statfsSync(directory).type) : undefined;
}

/** The name of a file system's type where that is a network's. Some kernels extend the sign of the number. */
export function networkTypeName(type: number): string | undefined {
  return networkTypes.get(type >>> 0);
}
