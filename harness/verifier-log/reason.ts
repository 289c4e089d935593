/**
 * What the verifier prints beside its message: instructions, register states, source lines, hints of
 * its own bookkeeping, and statistics (`verbose()` calls in kernel/bpf/verifier.c and log.c).
 */
const NOT_A_MESSAGE: readonly RegExp[] = [
  /^\s*$/,
  /^;/,
  /^\d+: /,
  /^func#\d+ @\d+/,
  /^(from|caller|callee|frame|regs=|parent |last_idx|propagating|mark_precise|reg type)/,
  /^(R\d+|fp-?\d+|r\d+)[ _]?\w*=/,
  /^ ?(R\d|frame\d+:|fp-\d+)/,
  /^(Validating |Func#\d+ \('|Func#\d+ is )/,
  /^(processed|verification time|stack depth|mark_|live regs|insn complexity|max stack)/,
  /^(\d+ )?(cur|old|current|loaded) state:/,
  /^-- BEGIN|^-- END|^END PROG/,
  /^Live regs before insn/,
  /^\[/,
];

/** An instruction as the verifier prints it: `12: (85) call bpf_loop#181`. */
const INSTRUCTION = /^\d+: \([0-9a-f]{2}\)/;

/** Since Linux 7.3 the log ends with sections; the first says what is wrong (`Reason:`). */
const SECTION = /^\s*(?:Verification failed: )?Reason:\s*(.*)$/i;

/**
 * The verifier's own words for why it rejected a program, as one line; undefined for a log without
 * any. Reads the form used up to Linux 7.2 and the one since 7.3.
 */
export function findReason(log: string): string | undefined {
  const lines = log.split('\n').map(line => line.trimEnd());
  return reasonSection(lines) ?? lastMessage(lines);
}

function reasonSection(lines: readonly string[]): string | undefined {
  const index = lines.findLastIndex(line => SECTION.test(line));
  if (index < 0) return undefined;
  const inline = SECTION.exec(lines[index] ?? '')?.[1];
  const text = inline === undefined || inline === '' ? lines[index + 1]?.trim() : inline;
  return text === '' ? undefined : text;
}

/** The first message after the last instruction: what follows it explains it further. */
function lastMessage(lines: readonly string[]): string | undefined {
  const last = lines.findLastIndex(line => INSTRUCTION.test(line));
  return (
    lines
      .slice(last + 1)
      .find(isMessage)
      ?.trim() ??
    lines
      .slice(0, last + 1)
      .findLast(isMessage)
      ?.trim()
  );
}

function isMessage(line: string): boolean {
  return !NOT_A_MESSAGE.some(pattern => pattern.test(line));
}
