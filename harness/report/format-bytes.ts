/** A size for people, in powers of ten: `34 MB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const exponent = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** exponent;
  const digits = exponent > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[exponent]}`;
}
