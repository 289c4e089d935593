import type { UserScenario } from './scenario-schema.ts';

/**
 * Types a scenario in an editor: `export default defineScenario({ steps: [{ run: 'count_udp' }] })`.
 * It is in a file of its own, without the schema, as it is loaded with every scenario.
 */
export function defineScenario(scenario: UserScenario): UserScenario {
  return scenario;
}
