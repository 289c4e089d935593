/** What names the same thing in different kernels, or differs between runs of one program. */
const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  // Scalars were called `inv` until 5.18 (7df5072cc05f "bpf: Small BPF verifier log improvements").
  [/\binv\b/g, 'scalar'],
  [/\b[Rr]\d+(?:_[a-z]+)?\b/g, 'R'],
  [/\b0x[0-9a-f]+\b/gi, 'N'],
  [/#-?\d+/g, '#N'],
  [/(?<![\w.])-?\d+\b/g, 'N'],
  [/\(id=[^)]*\)/g, ''],
  [/\s+/g, ' '],
];

/**
 * A verifier message without what may differ between kernels and still mean the same: register
 * numbers, offsets, sizes, addresses, ids. For comparing, not for showing.
 */
export function normalizeReason(reason: string): string {
  let text = reason;
  for (const [pattern, replacement] of REPLACEMENTS) text = text.replace(pattern, replacement);
  return text.trim();
}
