import { borrowStates, type VerboseLog } from './borrow-states.ts';
import { parseLogLine } from './log-line.ts';
import { changedState, type RegisterState, readRegisters } from './register-state.ts';
import { type PathStep, VerifiedPath } from './verified-path.ts';

/** An instruction that the verifier followed. */
export interface VerifiedStep {
  readonly insn: number;
  /** As the verifier prints it, without the opcode: `r0 = *(u64 *)(r6 +0)`. */
  readonly text: string;
  /**
   * What changed with it, by register or stack slot: `R0` to `map_value_or_null(id=1,ks=4,vs=8)`. For the
   * last step: what the registers that it uses held before it, where the verifier printed that there.
   */
  readonly state: Readonly<Record<string, string>>;
}

/** How many steps of the end tell enough. */
const STEPS = 5;
/** No path that is worth showing begins earlier; what was cut out of a log's middle is before it. */
const READ = 256 * 1024;

/**
 * The last instructions on the path that ended in a rejection, with what is known of registers; before them
 * those that gave the last one's registers their values. Kernels before 5.17 tell of registers only in their
 * most verbose log, or its end.
 */
export function excerptLog(log: string, verbose = ''): VerifiedStep[] {
  const followed = followPath(log);
  const path = verbose === '' ? followed : borrowStates(followed, readVerbose(verbose));
  const last = path.steps.at(-1);
  if (last === undefined) return [];
  const read = readRegisters(last.text);
  const recent = path.steps.slice(-STEPS, -1);
  // Registers of other functions have the same names.
  const said = stateAfter(recent.filter(({ frame }) => frame === last.frame));
  const earlier = path.steps.slice(0, -STEPS).filter(({ frame }) => frame === last.frame);
  const unsaid = read.filter(name => !said.has(name));
  return [
    ...origins(earlier, unsaid),
    ...recent.map(step => toStep(step, step.changes)),
    toStep(last, changedState(said, only(path.before, read))),
  ];
}

function stateAfter(steps: readonly PathStep[]): RegisterState {
  return new Map(steps.flatMap(({ changes }) => [...changes]));
}

/** A most verbose log begins with the functions of the program. */
function readVerbose(log: string): VerboseLog {
  return { path: followPath(log), isWhole: log.startsWith('func#0 @') };
}

function followPath(log: string): VerifiedPath {
  const path = new VerifiedPath();
  const end = log.length > READ ? log.slice(log.indexOf('\n', log.length - READ)) : log;
  for (const line of withoutReport(end).split('\n')) {
    for (const told of parseLogLine(line)) path.follow(told);
  }
  return path;
}

/** Since 7.3 a report stands behind the log proper, which shows other instructions. */
function withoutReport(log: string): string {
  const report = log.lastIndexOf('\nVerification failed: ');
  return report < 0 ? log : log.slice(0, report);
}

/** The steps in which registers got their last values. */
function origins(steps: readonly PathStep[], names: readonly string[]): VerifiedStep[] {
  const found = new Set(names.map(name => steps.findLast(({ changes }) => changes.has(name))));
  return steps.filter(step => found.has(step)).map(step => toStep(step, only(step.changes, names)));
}

function only(state: RegisterState, names: readonly string[]): RegisterState {
  return new Map([...state].filter(([name]) => names.includes(name)));
}

function toStep({ insn, text }: PathStep, state: RegisterState): VerifiedStep {
  return { insn, text: withoutAddress(text), state: Object.fromEntries(state) };
}

/** A map's address in the kernel differs from one boot to the next; the register's state names the map. */
function withoutAddress(text: string): string {
  return text.replace(/\b0xffff[0-9a-f]{12}\b/, '0xffff…');
}
