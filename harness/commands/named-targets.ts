import type { LoadedConfig } from '../config/load-config.ts';

/** The targets of a command line, or of the configuration where it names none. */
export function namedTargets(
  targets: readonly string[],
  { config }: LoadedConfig,
): readonly string[] {
  return targets.length > 0 ? targets : config.targets;
}
