/** Processor time of this process in ms, which other processes on the machine do not lengthen. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
