/** A .npy file as NumPy would write it: any dtype, order and version. */
export function foreignNpy(
  descr: string,
  shape: readonly number[],
  data: Uint8Array,
  { fortran = false, version = 1 }: { readonly fortran?: boolean; readonly version?: 1 | 2 | 3 | 4 } = {},
): Buffer {
  const axes = shape.length === 1 ? `${String(shape[0])},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${axes}), }`;
  const preamble = version === 1 ? 10 : 12;
  const padding = 64 - ((preamble + text.length + 1) % 64);
  const header = Buffer.from(`${text}${' '.repeat(padding)}\n`, 'latin1');
  const start = Buffer.alloc(preamble);
  start.write('\x93NUMPY', 'latin1');
  start[6] = version;
  if (version === 1) start.writeUInt16LE(header.length, 8);
  else start.writeUInt32LE(header.length, 8);
  return Buffer.concat([start, header, data]);
}
