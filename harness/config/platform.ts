/** What a target runs. */
export const PLATFORMS = ['linux', 'windows'] as const;
export type Platform = (typeof PLATFORMS)[number];

export const PLATFORM_NAMES: Readonly<Record<Platform, string>> = {
  linux: 'Linux',
  windows: 'eBPF for Windows',
};

/** The platform of a target, which every name of one begins with. */
function platformOfTarget(name: string): Platform {
  return name.startsWith('windows') ? 'windows' : 'linux';
}

/** The platforms of some targets, Linux first; of none, Linux. */
export function platformsOf(names: readonly string[]): Platform[] {
  const all = new Set(names.map(platformOfTarget));
  if (all.size === 0) return ['linux'];
  return PLATFORMS.filter(platform => all.has(platform));
}
