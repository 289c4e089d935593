import type { Fixture } from '../../harness/fixtures/fixture.ts';
import type { Scenario } from '../../harness/scenarios/scenario-schema.ts';

/** A fixture without one of its declarations, and where that is. */
export interface Variant {
  readonly without: string;
  readonly fixture: Fixture;
}

/** The fixture without each declaration that it makes, one at a time. */
export function withoutEach(fixture: Fixture): Variant[] {
  const inSource = fixture.declared.map((each, at) => ({
    without: `${fixture.file}:${each.line}`,
    fixture: { ...fixture, declared: fixture.declared.toSpliced(at, 1) },
  }));
  const { scenario: bound } = fixture;
  if (bound === null) return inSource;
  const inScenario = scenariosWithoutEach(bound.scenario).map(({ without, scenario }) => ({
    without: `${bound.file} ${without}`,
    fixture: { ...fixture, scenario: { ...bound, scenario } },
  }));
  return [...inSource, ...inScenario];
}

function scenariosWithoutEach(scenario: Scenario) {
  const { steps, expect, compare } = scenario;
  return [
    ...steps.flatMap((step, index) =>
      step.expect.map((_, at) => {
        const without = { ...step, expect: step.expect.toSpliced(at, 1) };
        return {
          without: `steps[${index}].expect[${at}]`,
          scenario: { ...scenario, steps: steps.with(index, without) },
        };
      }),
    ),
    ...expect.map((_, at) => ({
      without: `expect[${at}]`,
      scenario: { ...scenario, expect: expect.toSpliced(at, 1) },
    })),
    ...(['maps', 'variables', 'steps'] as const).flatMap(kind =>
      Object.keys(compare[kind]).map(name => {
        const { [name]: _, ...others } = compare[kind] as Record<string, never>;
        return {
          without: `compare.${kind}.${name}`,
          scenario: { ...scenario, compare: { ...compare, [kind]: others } },
        };
      }),
    ),
  ];
}
