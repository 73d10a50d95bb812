import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { networkFileSystem, networkTypeName } from '#dist/core/files/network-file-system.js';

describe('network file systems', () => {
  it('are known by their numbers, signed or not', () => {
    expect(networkTypeName(0x6969)).toBe('NFS');
    expect(networkTypeName(0xff534d42)).toBe('CIFS');
    expect(networkTypeName(0x0bd00bd0)).toBe('Lustre');
    expect(networkTypeName(0xff534d42 - 2 ** 32)).toBe('CIFS');
  });

  it('are not what ext4, tmpfs, btrfs, xfs and overlayfs are', () => {
    for (const type of [0xef53, 0x01021994, 0x9123683e, 0x58465342, 0x794c7630]) {
      expect(networkTypeName(type)).toBeUndefined();
    }
    expect(networkFileSystem(tmpdir())).toBeUndefined();
  });
});
