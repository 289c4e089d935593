/** What is known of registers and stack slots, by name: `R0`, `fp-8`; also what else a log tells, `refs`. */
export type RegisterState = ReadonlyMap<string, string>;

/**
 * One entry, `R1_w=scalar(umax=7,var_off=(0x0; 0x7))`: a value may hold blanks inside of brackets, which
 * are nested twice at most. What stands behind `_` is how far the value was used, the verifier's own business.
 */
const ENTRY = /(?<=^|\s)([a-zA-Z][\w-]*?)(?:_[a-zA-Z]+)?=((?:\((?:[^()]|\([^()]*\))*\)|[^\s()])*)/g;

/** Reads how the verifier prints a state (`print_verifier_state` in kernel/bpf/log.c). */
export function parseRegisterState(text: string): RegisterState {
  const entries = [...text.matchAll(ENTRY)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  // The frame pointer never changes.
  return new Map(entries.filter(([name]) => name !== 'R10'));
}

/** The entries that are new or not what they were. */
export function changedState(before: RegisterState, after: RegisterState): RegisterState {
  return new Map([...after].filter(([name, value]) => before.get(name) !== value));
}

/** The register that an instruction writes, from its text: `R0` for `w0 += 1` and for calls. */
export function writtenRegister(text: string): string | undefined {
  if (text.startsWith('call ')) return 'R0';
  const number = /^[rw](\d) /.exec(text)?.[1];
  return number === undefined ? undefined : `R${number}`;
}

/** The registers that an instruction reads, from its text: `R0` for `r0` and `w0`. A call takes R1 to R5. */
export function readRegisters(text: string): string[] {
  if (text.startsWith('call ')) return ['R1', 'R2', 'R3', 'R4', 'R5'];
  if (text === 'exit') return ['R0'];
  const read = text.replace(/^[rw]\d+ = /, '');
  const names = [...read.matchAll(/\b[rw](\d)\b/g)].map(([, number]) => `R${number}`);
  return [...new Set(names)];
}
