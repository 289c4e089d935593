import { compareKernelVersions, seriesOf } from '../kernels/kernel-version.ts';
import type { LinuxJudge } from './judge-linux.ts';
import type { Need, NeededMap } from './needs.ts';

/** Since when something holds, by which commit, and the first build of each older series that was given it later. */
export interface Era {
  readonly since: string;
  readonly commit: string;
  readonly backports?: readonly string[];
}

/** cfe816d469dc ("bpf: Reject attaching fexit/fmod_ret to __noreturn functions") */
const NO_EXIT: Era = {
  ...{ since: '6.15', commit: 'cfe816d469dc' },
  backports: ['6.6.89', '6.12.26', '6.14.5'],
};

/** Functions that never return, as far as a verifier knows (noreturn_deny in kernel/bpf/verifier.c). */
export const NEVER_RETURN: readonly string[] = [
  ...['__ia32_sys_exit', '__ia32_sys_exit_group', '__x64_sys_exit', '__x64_sys_exit_group'],
  ...['__kunit_abort', 'kunit_try_catch_throw', '__module_put_and_kthread_exit'],
  ...['do_exit', 'do_group_exit', 'kthread_complete_and_exit', 'kthread_exit', 'make_task_dead'],
];

/** 5d99e198be27 ("bpf, lsm: Add check for BPF LSM return value") */
const HOOK_RESULTS: Era = { since: '6.12', commit: '5d99e198be27' };

/** Hooks that answer yes or no (bool_lsm_hooks in kernel/bpf/bpf_lsm.c). */
const YES_OR_NO = ['audit_rule_known', 'inode_xattr_skipcap', 'xfrm_state_pol_flow_match'];

/** MAX_ERRNO of include/linux/err.h. */
const LAST_ERRNO = 4095;

/** 1bfbc267ec91 ("bpf: Enable bpf_timer and bpf_wq in any context") */
const TIMERS_ANYWHERE: Era = { since: '7.0', commit: '1bfbc267ec91' };

/** is_tracing_prog_type in kernel/bpf/verifier.c. */
const TRACING = ['kprobe', 'tracepoint', 'perf_event', 'raw_tracepoint', 'raw_tracepoint_writable'];

/** 96da3f7d489d ("bpf: Remove tracing program restriction on map types") */
const ON_DEMAND: Era = { since: '6.1', commit: '96da3f7d489d' };

/** BPF_F_NO_PREALLOC of include/uapi/linux/bpf.h. */
const NO_PREALLOC = 1;

/** What a global function may have, by the words of `agent/portability/global.go`. */
const GLOBALS: Readonly<Record<string, Era>> = {
  // "bpf: Support pointers in global func args"
  'a pointer': { since: '5.12', commit: 'e5069b9c23b3' },
  // "bpf: Allow void global functions in the verifier"
  'no result': { since: '7.1', commit: '8446ded1e1a0' },
};

/** Says what verifiers of some versions reject, and those of others do not. */
export function rulesByVersion(judge: LinuxJudge): void {
  exits(judge);
  hookResults(judge);
  timers(judge);
  locks(judge);
  mapsOnDemand(judge);
  globals(judge);
}

function exits(judge: LinuxJudge): void {
  const { type, attachType, attachTo } = judge.program;
  const atExit = /^(trace_(fexit|fsession)|modify_return)$/.test(attachType);
  if (type !== 'tracing' || !atExit || !NEVER_RETURN.includes(attachTo)) return;
  if (!holds(NO_EXIT, judge)) return;
  judge.judgement.stop(`the exit of ${attachTo}`, {
    ...{ why: 'the function never returns; older kernels load a program that is never run' },
    ...{ source: sourceOf(NO_EXIT), instead: `fentry/${attachTo}` },
  });
}

function hookResults(judge: LinuxJudge): void {
  const { program, question, judgement } = judge;
  if (program.attachType !== 'lsm_mac' || question.finding?.result !== 'number') return;
  if (!holds(HOOK_RESULTS, judge)) return;
  const [from, to] = YES_OR_NO.includes(program.attachTo) ? [0, 1] : [-LAST_ERRNO, 0];
  for (const { name, line } of judge.reached('return')) {
    // A number of 32 bits that is negative may be written as one of 64.
    const value = Number(BigInt.asIntN(32, BigInt(name)));
    if (value >= from && value <= to) continue;
    judgement.stop(`${value} as the answer of LSM hook ${program.attachTo}`, {
      ...{ line, why: `it may be ${from} to ${to}`, source: sourceOf(HOOK_RESULTS) },
    });
  }
}

function timers(judge: LinuxJudge): void {
  const { program, judgement } = judge;
  if (!TRACING.includes(program.type) || holds(TIMERS_ANYWHERE, judge)) return;
  for (const { name, line } of mapsOf(judge, ({ timer }) => timer)) {
    judgement.stop(`map ${name} with a timer for ${program.type}`, {
      ...{ line, ...sinceOf(TIMERS_ANYWHERE) },
    });
  }
}

/** No version lets them (check_map_prog_compatibility in kernel/bpf/verifier.c); 5.10 to 7.3 were asked. */
function locks(judge: LinuxJudge): void {
  const { type } = judge.program;
  if (type !== 'socket_filter' && !TRACING.includes(type)) return;
  for (const { name, line } of mapsOf(judge, ({ lock }) => lock)) {
    judge.judgement.stop(`map ${name} with a lock for ${type}`, {
      ...{ line, why: 'programs of this kind may not use one' },
      instead: 'an atomic operation, or a per-CPU map',
    });
  }
}

function mapsOnDemand(judge: LinuxJudge): void {
  const { program, judgement } = judge;
  if (program.type !== 'perf_event' || holds(ON_DEMAND, judge)) return;
  const onDemand = ({ type, flags }: Pick<NeededMap, 'type' | 'flags'>) =>
    type.includes('hash') && (flags & NO_PREALLOC) !== 0;
  const found = mapsOf(judge, map => [map, map.innerMap].some(each => each && onDemand(each)));
  for (const { name, line } of found) {
    judgement.stop(`map ${name} with BPF_F_NO_PREALLOC for perf_event`, {
      ...{ line, ...sinceOf(ON_DEMAND), instead: 'a map without that flag' },
    });
  }
}

/** Where a program uses those of its object's maps that are chosen. */
function mapsOf({ program, object }: LinuxJudge, choose: (map: NeededMap) => boolean): Need[] {
  const chosen = object.maps.filter(choose).map(({ name }) => name);
  return program.needs.filter(({ kind, name }) => kind === 'map' && chosen.includes(name));
}

function globals(judge: LinuxJudge): void {
  for (const { name, line } of judge.reached('global')) {
    const [own, what = ''] = name.split(': ');
    const era = GLOBALS[what];
    if (era === undefined || holds(era, judge)) continue;
    judge.judgement.stop(`global function ${own} with ${GLOBAL_WORDS[what]}`, {
      ...{ line, ...sinceOf(era), instead: 'a static function' },
    });
  }
}

const GLOBAL_WORDS: Readonly<Record<string, string>> = {
  'a pointer': 'a pointer as an argument',
  'no result': 'no result',
};

/** Whether the build that is asked for, or the newest that was probed of a series, has something. */
export function holds({ since, backports = [] }: Era, { question }: LinuxJudge): boolean {
  const { table, version } = question;
  const build = table.builds.find(({ series }) => series === version)?.upstream ?? version;
  const later = backports.find(each => seriesOf(each) === seriesOf(build));
  return compareKernelVersions(build, later ?? since) >= 0;
}

export function sinceOf(era: Era) {
  return { since: `Linux ${era.since}`, source: sourceOf(era) };
}

export function sourceOf({ since, commit }: Era): string {
  return `commit ${commit} of Linux ${since}`;
}
