import type { Said } from './answers.ts';

/**
 * Whether targets of several platforms said the same in the words of each: all of one platform alike, and what they
 * mean the same on each. On one platform words are compared with words, so that answers false.
 */
export function agreeByMeaning(said: readonly Said[], wording: (said: Said) => string): boolean {
  const platforms = [...Map.groupBy(said, ({ target }) => target.platform).values()];
  if (platforms.length < 2) return false;
  const areAlike = platforms.every(same => new Set(same.map(wording)).size === 1);
  const meanings = platforms.map(([first]) => first?.fact.meanings ?? []);
  const common = meanings.reduce((shared, each) => shared.filter(word => each.includes(word)));
  return areAlike && common.length > 0;
}
