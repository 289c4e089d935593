/** What names the same thing in different kernels, or differs between runs of one program. */
const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  // Scalars were called `inv` until 5.18, and register types are worded otherwise since 7.3.
  [/\binv\b/g, 'scalar'],
  [/\bmap_(value|ptr)_or_null\b/g, 'map_pointer_or_null'],
  // The range was `value (0x2; 0x0) … (0x0; 0x1)` until 6.8, `smin=2 smax=2 … [0, 1]` since.
  [/^(At program exit the register R\d+ has) .*/, '$1 a value out of range'],
  // The list of such maps grows.
  [/^(Sleepable programs can only use) .*/, '$1 some map types'],
  [/\b[Rr]\d+(?:_[a-z]+)?\b/g, 'R'],
  [/\b0x[0-9a-f]+\b/gi, 'N'],
  [/#-?\d+/g, '#N'],
  [/(?<![\w.])-?\d+\b/g, 'N'],
  [/\(id=[^)]*\)/g, ''],
  [/\s+/g, ' '],
];

/**
 * A verifier message without what may differ between kernels and still mean the same: register
 * numbers, offsets, sizes, addresses, ids, wording. For comparing, not for showing.
 */
export function normalizeReason(reason: string): string {
  let text = reason;
  for (const [pattern, replacement] of REPLACEMENTS) text = text.replace(pattern, replacement);
  return text.trim();
}
