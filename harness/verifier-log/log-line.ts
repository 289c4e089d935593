import { parseRegisterState, type RegisterState } from './register-state.ts';

/** What a line of a verifier's log says of the path that the verifier follows. */
export type LogLine =
  /** An instruction, and what was printed of registers behind it. */
  | {
      readonly kind: 'insn';
      readonly insn: number;
      /** Without the opcode. */
      readonly text: string;
      readonly state: RegisterState;
    }
  /** The state before an instruction; `from` is the one before that. */
  | {
      readonly kind: 'state';
      readonly insn: number;
      readonly from: number | undefined;
      readonly state: RegisterState;
    }
  /** A function was entered: registers are those of another frame. */
  | { readonly kind: 'enter' }
  /** A function returned to this instruction. */
  | { readonly kind: 'return'; readonly insn: number }
  /** The path ended, or another function's begins. */
  | { readonly kind: 'end' };

export type LineOf<Kind extends LogLine['kind']> = Extract<LogLine, { readonly kind: Kind }>;

const INSTRUCTION = /^(\d+): (?:\([0-9a-f]{2}\) (.*)|(BUG_\w+))$/;
/** A register or slot, perhaps of another frame; what begins otherwise is a source line. */
const STATE = /(?:frame\d+: )?(?:R\d+|fp-\d+)(?:_[a-zA-Z]+)?=.*/.source;
const BEFORE = new RegExp(`^(?:from (\\d+) to )?(\\d+)(?: \\([a-z ]+\\))?: (${STATE})$`);
/** Kernels since 5.17 print the next instruction's state on the line of a jump that was followed. */
const JUMP_WITH_STATE = new RegExp(`^(\\d+: \\([0-9a-f]{2}\\) .*?) (\\d+: ${STATE})$`);
const BEHIND = new RegExp(`^(.*?)\\s*;(?: (${STATE}))?.*$`);

/** Reads a line; most lines say nothing of the path. A jump's line may say two things. */
export function parseLogLine(line: string): LogLine[] {
  const jump = JUMP_WITH_STATE.exec(line);
  if (jump !== null) return [jump[1] ?? '', jump[2] ?? ''].flatMap(parseLogLine);
  const parsed = parseInstruction(line) ?? parseState(line) ?? parseTurn(line);
  return parsed === undefined ? [] : [parsed];
}

function parseInstruction(line: string): LogLine | undefined {
  const [, insn, named, unnamed] = INSTRUCTION.exec(line) ?? [];
  if (insn === undefined) return undefined;
  const said = named ?? unnamed ?? '';
  const [, text, state] = BEHIND.exec(said) ?? ['', said.trimEnd()];
  return {
    ...{ kind: 'insn', insn: Number(insn), text: text ?? '' },
    state: parseRegisterState(state ?? ''),
  };
}

function parseState(line: string): LogLine | undefined {
  const [, from, insn, state] = BEFORE.exec(line) ?? [];
  if (state === undefined) return undefined;
  return {
    ...{ kind: 'state', insn: Number(insn) },
    from: from === undefined ? undefined : Number(from),
    state: parseRegisterState(state),
  };
}

function parseTurn(line: string): LogLine | undefined {
  if (line === 'callee:') return { kind: 'enter' };
  const caller = /^to caller at (\d+):$/.exec(line)?.[1];
  if (caller !== undefined) return { kind: 'return', insn: Number(caller) };
  return /: safe$|^Validating .*\.\.\.$/.test(line) ? { kind: 'end' } : undefined;
}
