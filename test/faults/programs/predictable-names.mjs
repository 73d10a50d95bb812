// To be imported before segue: every run of a program gives its drafts and temporary files the same names, so that a
// fault can be aimed at one of them. The pid in those names belongs to no process.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

let count = 0;
crypto.randomBytes = (size) => {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32BE((count += 1));
  return bytes;
};
Object.defineProperty(process, 'pid', { value: 999_999_999 });
syncBuiltinESMExports();
