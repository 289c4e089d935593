import { badValue } from '../values/bad-value.ts';
import type { Step, StepKind, UserTrigger } from './step-schemas.ts';
import { STEP_KINDS } from './step-schemas.ts';

export interface StepTitle {
  readonly kind: StepKind;
  /** The program, map or event, in words. */
  readonly subject: string;
}

export function stepTitle(step: Step): StepTitle {
  const kind = STEP_KINDS.find(each => each in step) as StepKind;
  return { kind, subject: subjectOf(step) };
}

/** The names of steps: those given, else made of kind and subject (`run count_udp`), with ` #2` for the second. */
export function nameSteps(steps: readonly Step[]): string[] {
  const taken = new Set(steps.flatMap(({ name }) => name ?? []));
  return steps.map(step => {
    if (step.name !== undefined) return step.name;
    const { kind, subject } = stepTitle(step);
    const name = freeName(`${kind} ${subject}`, taken);
    taken.add(name);
    return name;
  });
}

/** @throws CrossbpfError `USAGE_BAD_VALUE` for a name that an earlier step has too. */
export function requireUniqueName(steps: readonly Step[], index: number): void {
  const name = steps[index]?.name;
  const first = steps.findIndex(step => step.name === name);
  if (name === undefined || first === index) return;
  throw badValue(`steps[${index}].name`, `steps[${first}] is named "${name}" too`);
}

function freeName(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  for (let number = 2; ; number += 1) {
    const name = `${base} #${number}`;
    if (!taken.has(name)) return name;
  }
}

function subjectOf(step: Step): string {
  if ('run' in step) return step.run;
  if ('attach' in step) return step.as ?? step.attach;
  if ('detach' in step) return step.detach;
  if ('trigger' in step) return triggerTitle(step.trigger);
  if ('read' in step) return readTitle(step.read);
  if ('lookup' in step) return step.lookup;
  if ('take' in step) return step.take;
  if ('pop' in step) return step.pop;
  return 'update' in step ? step.update : step.delete;
}

function readTitle(read: string | { readonly iterator: string } | { readonly trace: true }) {
  if (typeof read === 'string') return read;
  return 'iterator' in read ? `iterator ${read.iterator}` : 'trace';
}

/** An event in words: `open /proc/version`, `udp to port 53`. */
function triggerTitle(event: UserTrigger): string {
  if ('exec' in event) return 'exec';
  if ('open' in event) return `open ${event.open}`;
  if ('udp' in event) return `udp to port ${event.udp.port}`;
  if ('tcp' in event) return `tcp to port ${event.tcp.port}`;
  if ('signal' in event) return `signal ${event.signal}`;
  return 'run' in event ? `run ${event.run}` : `sleep ${event.sleep} ms`;
}
