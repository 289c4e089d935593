import type { LinuxJudge } from './judge-linux.ts';
import type { Finding, SourceLine } from './needs.ts';
import { type Era, holds, sinceOf, sourceOf } from './rules-by-version.ts';

type Fault = Finding['faults'][number];

/** 659b9ba7cb2d ("bpf: Check size for BTF-based ctx access of pointer members") */
const WHOLE_POINTERS: Era = { since: '6.13', commit: '659b9ba7cb2d', backports: ['6.12.6'] };

/** What older kernels have not, by the kind of fault. */
const ERAS: Readonly<Partial<Record<Fault['kind'], Era>>> = {
  // "bpf: Allow access to int pointer arguments in tracing programs"
  number: { since: '5.17', commit: 'bb6728d75611' },
  // "bpf: Allow struct argument in trampoline based programs"
  value: { since: '6.1', commit: '720e6a435194' },
};

/** Says what a program reads of its arguments, and behind them, that a kernel's types have nothing for. */
export function argumentReads(judge: LinuxJudge): void {
  const { program, question } = judge;
  const distinct = new Map((question.finding?.faults ?? []).map(fault => [fault.what, fault]));
  for (const fault of distinct.values()) {
    const line = fault.need === null ? null : (program.needs[fault.need]?.line ?? null);
    judgeFault(judge, fault, line);
  }
}

function judgeFault(judge: LinuxJudge, { kind, what }: Fault, line: SourceLine | null): void {
  const { judgement } = judge;
  if (kind === 'narrow') {
    if (!holds(WHOLE_POINTERS, judge)) return;
    const why = 'a pointer is read as a whole';
    return judgement.stop(`a part of ${what}`, { line, why, source: sourceOf(WHOLE_POINTERS) });
  }
  const era = ERAS[kind];
  if (era === undefined) return judgement.stop(what, { line, why: WHY[kind] ?? '' });
  if (!holds(era, judge)) judgement.stop(what, { line, why: WHY[kind] ?? '', ...sinceOf(era) });
}

const WHY: Readonly<Partial<Record<Fault['kind'], string>>> = {
  absent: 'the types of this kernel have none',
  number: 'it points to a number',
  other: 'it points to neither a struct nor a number',
  value: 'it is a struct, not a pointer to one',
  variable: 'functions with a variable number of arguments cannot be traced',
};
