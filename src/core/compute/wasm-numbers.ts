/**
 * The address of bytes in kernel memory, as `allocate` gives it. Where an address is wanted any number is taken, since
 * what is added to one makes a number of it; where a count or a value is wanted, an address is refused. What holds either
 * is a `number | Address`: it is refused there too.
 */
export type Address = number & { readonly isAddress: true };

/** The types of kernels' parameters: an address, a count, a value. */
export type usize = number;
export type u32 = number & { readonly isAddress?: never };
export type f32 = u32;
export type f64 = u32;
