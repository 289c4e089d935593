/** The lines of kernels that are measured; the first is the one of measurements with one kernel. */
export const SERIES: readonly string[] = [
  ...['6.1', '5.10', '6.12', '6.16', '6.17', '6.18', '6.19', '7.0', '7.1', '7.2', '7.3'],
];
