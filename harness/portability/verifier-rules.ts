import { compareKernelVersions } from '../kernels/kernel-version.ts';
import { argumentReads } from './argument-reads.ts';
import { contextAccess } from './context-access.ts';
import type { LinuxJudge } from './judge-linux.ts';
import { rulesByVersion } from './rules-by-version.ts';
import { supportIn } from './since.ts';

/**
 * What is taken and given back, by the function that takes it (check_reference_leak and process_spin_lock in
 * kernel/bpf/verifier.c). A program that has none of those that give it back is rejected.
 */
const PAIRS: readonly (readonly [takes: string, gives: readonly string[]])[] = [
  ['bpf_spin_lock', ['bpf_spin_unlock']],
  ['bpf_ringbuf_reserve', ['bpf_ringbuf_submit', 'bpf_ringbuf_discard']],
  ['bpf_ringbuf_reserve_dynptr', ['bpf_ringbuf_submit_dynptr', 'bpf_ringbuf_discard_dynptr']],
  ['bpf_rcu_read_lock', ['bpf_rcu_read_unlock']],
  ['bpf_preempt_disable', ['bpf_preempt_enable']],
  ['bpf_task_from_pid', ['bpf_task_release']],
  ['bpf_task_acquire', ['bpf_task_release']],
  ['bpf_cgroup_from_id', ['bpf_cgroup_release']],
  ['bpf_cgroup_acquire', ['bpf_cgroup_release']],
  ['bpf_sk_lookup_tcp', ['bpf_sk_release']],
  ['bpf_sk_lookup_udp', ['bpf_sk_release']],
  ['bpf_skc_lookup_tcp', ['bpf_sk_release']],
];

/** What stores a thing that was taken, so that it need not be given back. */
const KEEPS = ['bpf_kptr_xchg', 'bpf_sk_assign'];

/** Says what verifiers are known to reject that is no matter of what is there. */
export function verifierRules(judge: LinuxJudge): void {
  pairs(judge);
  results(judge);
  mapsOfSleepers(judge);
  inlinedTarget(judge);
  pathsElsewhere(judge);
  contextAccess(judge);
  argumentReads(judge);
  rulesByVersion(judge);
}

function pairs(judge: LinuxJudge): void {
  const all = [...judge.reached('helper'), ...judge.reached('kfunc')];
  const called = new Map(all.map(need => [need.name, need]));
  const has = (name: string) => called.has(name);
  if (KEEPS.some(has)) return;
  for (const [takes, gives] of PAIRS) {
    const call = called.get(takes);
    if (call === undefined || gives.some(has)) continue;
    judge.judgement.stop(`${takes} without ${gives[0]}`, { line: call.line });
  }
}

/** Kinds whose probes say nothing of the results of one program: they depend on the hook. */
const RESULTS_BY_HOOK = /^(lsm|struct_ops)\//;

function results(judge: LinuxJudge): void {
  const { kind, program, question } = judge;
  const open = kind === null || RESULTS_BY_HOOK.test(kind);
  if (open || program.attachType === 'cgroup_inet_egress') return;
  const { table, version } = question;
  if (supportIn(table, version, { list: 'kinds', name: kind }) !== 'yes') return;
  for (const { name, line } of judge.reached('return')) {
    const value = Number(name);
    if (value < -1 || value > 4) continue;
    if (supportIn(table, version, { list: 'results', name: `${kind} ${name}` }) !== 'no') continue;
    judge.judgement.stop(`${name} as the result of ${kind}`, {
      ...{ line, why: 'programs of this kind may not return it' },
    });
  }
}

function mapsOfSleepers(judge: LinuxJudge): void {
  const { program, object } = judge;
  if (!program.sleepable || program.type === 'syscall') return;
  for (const { name, line } of program.needs.filter(({ kind }) => kind === 'map')) {
    const type = object.maps.find(map => map.name === name)?.type;
    if (type === undefined || !PROBED_FOR_SLEEPERS.has(type)) continue;
    const what = `map type ${type} for a program that may sleep`;
    judge.require({ list: 'sleepableMaps', name: type }, what, { line });
  }
}

/** Types of which a map can be made without more than a size (`agent/features/rules_linux.go`). */
const PROBED_FOR_SLEEPERS = new Set([
  ...['hash', 'array', 'percpu_hash', 'percpu_array', 'lru_hash', 'lru_percpu_hash', 'lpm_trie'],
  ...['array_of_maps', 'hash_of_maps', 'queue', 'stack', 'ringbuf', 'user_ringbuf'],
]);

/** A function can have types and no code of its own: it was put into its callers. */
function inlinedTarget({ program, question, judgement }: LinuxJudge): void {
  const { type, attachType, attachTo } = program;
  if (type !== 'tracing' || !/^(trace_(fentry|fexit|fsession)|modify_return)$/.test(attachType))
    return;
  const fact = { list: 'withoutAddress', name: attachTo } as const;
  if (supportIn(question.table, question.version, fact) !== 'yes') return;
  judgement.stop(`kernel function ${attachTo}`, { why: 'it is only inside of its callers there' });
}

/** Functions whose tracing programs may call bpf_d_path (btf_allowlist_d_path in kernel/trace/bpf_trace.c, since 5.10). */
const PATH_FUNCTIONS = new Set([
  ...['security_file_permission', 'security_inode_getattr', 'security_file_open'],
  ...['security_path_truncate', 'vfs_truncate', 'vfs_fallocate', 'dentry_open', 'vfs_getattr'],
  'filp_close',
]);

/** 6f100640ca5b ("bpf: Expose bpf_d_path helper to sleepable LSM hooks") */
const PATHS_IN_HOOKS = '5.11';

function pathsElsewhere(judge: LinuxJudge): void {
  const { type, attachType, attachTo } = judge.program;
  if (type === 'lsm') return pathsInHooks(judge);
  const traces = type === 'tracing' && /^(trace_(fentry|fexit)|modify_return)$/.test(attachType);
  const call = judge.reached('helper').find(({ name }) => name === 'bpf_d_path');
  if (!traces || call === undefined || PATH_FUNCTIONS.has(attachTo)) return;
  judge.judgement.stop(`helper bpf_d_path at ${attachTo}`, {
    ...{ line: call.line, why: 'only programs at a few functions may call it' },
    instead: 'a program at security_file_open or filp_close',
  });
}

/** Before that only functions of a list may, and no hook is among them; since then the hooks where a program may sleep. */
function pathsInHooks(judge: LinuxJudge): void {
  const { program, question, judgement } = judge;
  const call = judge.reached('helper').find(({ name }) => name === 'bpf_d_path');
  if (call === undefined) return;
  const what = `helper bpf_d_path at LSM hook ${program.attachTo}`;
  const { line } = call;
  if (compareKernelVersions(question.version, PATHS_IN_HOOKS) < 0) {
    const source = `commit 6f100640ca5b of Linux ${PATHS_IN_HOOKS}`;
    return judgement.stop(what, { line, since: `Linux ${PATHS_IN_HOOKS}`, source });
  }
  judge.require({ list: 'sleepableHooks', name: program.attachTo }, what, {
    line,
    why: 'only hooks where a program may sleep have it',
  });
}

/** Since 6.13 each function of such a program has a stack of its own (a76ab5731e32, "bpf: Find eligible subprogs for private stack support"). */
const PRIVATE_STACK = new Set([
  ...['kprobe', 'tracepoint', 'perf_event', 'raw_tracepoint', 'tracing'],
]);

/** Whether something that older kernels reject is taken by this one. */
export function isOutdated(defect: string, { program, question }: LinuxJudge): boolean {
  const isSince = (version: string) => compareKernelVersions(question.version, version) >= 0;
  if (defect.startsWith('a stack of ')) return PRIVATE_STACK.has(program.type) && isSince('6.13');
  // d2102f2f5d75 ("bpf: verifier: Support eliding map lookup nullness"): where the index is a constant.
  return defect.startsWith('an entry of an array ') && isSince('6.14');
}
