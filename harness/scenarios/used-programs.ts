import type { InspectedObject, InspectedProgram } from '../agent/inspected-object.ts';
import type { BoundStep } from './bound-scenario.ts';

/** The programs that steps need, and those that their tail calls may reach. */
export function usedPrograms(
  object: InspectedObject,
  steps: readonly Pick<BoundStep, 'needs'>[],
): string[] {
  const named = new Set(steps.flatMap(({ needs }) => programsOf(needs)));
  const used = object.programs.filter(({ name }) => named.has(name));
  const calling = new Set(used.filter(each => tailCalls(each, object)).map(({ type }) => type));
  return object.programs
    .filter(({ name, type }) => named.has(name) || calling.has(type))
    .map(({ name }) => name);
}

function programsOf(needs: BoundStep['needs']): readonly string[] {
  if (needs.kind === 'program') return [needs.program];
  return needs.kind === 'programs' ? needs.programs : [];
}

/** Which programs an array holds is known to the kernel alone; they must be of one type. */
function tailCalls({ maps }: InspectedProgram, object: InspectedObject): boolean {
  return object.maps.some(({ name, type }) => type === 'prog_array' && maps.includes(name));
}
