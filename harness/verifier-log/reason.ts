/**
 * What the verifier prints beside its message: instructions, register states, source lines, its own
 * bookkeeping, and statistics (`verbose()` calls in kernel/bpf/verifier.c and log.c).
 */
const NOT_A_MESSAGE: readonly RegExp[] = [
  /^\s*$/,
  /^;/,
  // What the agent says of a log that it cut (agent/PROTOCOL.md, Logs).
  /^\[crossbpf: /,
  /^\d+: /,
  /^func#\d+ @\d+/,
  /^ ?(from|caller|callee|regs=|parent |last_idx|propagating|mark_precise|frame ?\d)/,
  /^ ?(R\d+|fp-?\d+)(_\w+)?=/,
  /^(Validating |Func#\d+ \('|Func#\d+ is )/,
  /^(processed|insns processed|verification time|stack depth|subprog \d|live regs|insn complexity|max stack)/,
  /^(cur|old|current|loaded) state:/,
  /^arg#\d+ reference type\('UNKNOWN '\)/,
];

/** An instruction as the verifier prints it: `12: (85) call bpf_loop#181`. */
const INSTRUCTION = /^\d+: \([0-9a-f]{2}\)/;

/** Since Linux 7.3 a report follows the old messages (kernel/bpf/diagnostics.c). */
const REPORT = /^Verification failed: (.*)$/;

/**
 * The verifier's own words for why it rejected a program, as one line; undefined for a log without
 * any. Reads the form used up to Linux 7.2 and the one since 7.3, which still prints most of the old
 * messages before its report: those are preferred, since they compare with other kernels.
 */
export function findReason(log: string): string | undefined {
  const lines = log.split('\n').map(line => line.trimEnd());
  const report = lines.findIndex(line => REPORT.test(line));
  const before = report < 0 ? lines : lines.slice(0, report);
  return lastMessage(before) ?? (report < 0 ? undefined : reportedReason(lines.slice(report)));
}

/** The first message after the last instruction: what follows it explains it further. */
function lastMessage(lines: readonly string[]): string | undefined {
  const last = lines.findLastIndex(line => INSTRUCTION.test(line));
  const after = lines.slice(last + 1).find(isMessage);
  return (after ?? lines.slice(0, last + 1).findLast(isMessage))?.trim();
}

/** The report's title and, where there is one, the paragraph of its `Reason:`. */
function reportedReason(report: readonly string[]): string | undefined {
  const title = REPORT.exec(report[0] ?? '')?.[1];
  const section = report.indexOf('Reason:');
  if (section < 0) return title;
  const rest = report.slice(section + 1);
  const end = rest.findIndex(line => !line.startsWith('  '));
  return `${title}: ${rest
    .slice(0, end < 0 ? undefined : end)
    .map(line => line.trim())
    .join(' ')}`;
}

/** How the agent begins where the loader left an invalid instruction; `poisoned` of agent/loader. */
const LACK = /^(this kernel has no .+?): load program: /;

/**
 * What a kernel lacks, as the agent found it behind an instruction that the loader made invalid: of that
 * the verifier can only say `invalid func unknown#195896080`, or that it writes to R10.
 */
export function findLack(message: string): string | undefined {
  return LACK.exec(message)?.[1];
}

function isMessage(line: string): boolean {
  return !NOT_A_MESSAGE.some(pattern => pattern.test(line));
}
