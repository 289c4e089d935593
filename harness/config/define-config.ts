import type { UserConfig } from './config-schema.ts';

/**
 * Types a configuration in an editor: `export default defineConfig({ targets: ['linux@6.12'] })`.
 * It is in a file of its own, without the schema, since every run loads it with the configuration.
 */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}
