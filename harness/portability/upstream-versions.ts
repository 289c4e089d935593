import { NAMES_OF_HELPERS } from './helper-numbers.ts';
import type { Fact } from './linux-table.ts';

/** The version of Linux that brought something, and where that is written. */
export interface UpstreamVersion {
  readonly version: string;
  readonly source: string;
}

/**
 * The first helper that a version brought. Helpers have numbers in the order in which they came (`___BPF_FUNC_MAPPER`
 * in include/uapi/linux/bpf.h of each release), so the version of one is that of the last row at or before it.
 * There have been none since 6.2. Every row is held against what kernels before and behind it said.
 */
const FIRST_HELPERS: readonly (readonly [name: string, version: string])[] = [
  ['bpf_task_storage_get', '5.11'],
  ['bpf_check_mtu', '5.12'],
  ['bpf_for_each_map_elem', '5.13'],
  ['bpf_sys_bpf', '5.14'],
  ['bpf_timer_init', '5.15'],
  ['bpf_get_branch_snapshot', '5.16'],
  ['bpf_find_vma', '5.17'],
  ['bpf_get_retval', '5.18'],
  ['bpf_kptr_xchg', '5.19'],
  ['bpf_tcp_raw_gen_syncookie_ipv4', '6.0'],
  ['bpf_ktime_get_tai_ns', '6.1'],
  ['bpf_cgrp_storage_get', '6.2'],
];

const HELPER_SOURCE = 'include/uapi/linux/bpf.h of that release, ___BPF_FUNC_MAPPER';

/** What is no helper, with the commit that brought it. */
const OTHERS: Readonly<Record<string, readonly [version: string, commit: string]>> = {
  'programTypes syscall': ['5.14', '79a7f8bdb159'],
  'programTypes netfilter': ['6.4', '84601d6ee68a'],
  'mapTypes task_storage': ['5.11', '4cf1bc1f1045'],
  'mapTypes bloom_filter': ['5.16', '9330986c0300'],
  'mapTypes user_ringbuf': ['6.1', '583c1f420173'],
  'mapTypes cgrp_storage': ['6.2', 'c4bcfb38a95e'],
  'mapTypes arena': ['6.9', '317460317a02'],
  'mapTypes insn_array': ['6.19', 'b4ce5923e780'],
  'attachTypes sk_skb_verdict': ['5.13', 'a7ba4558e69a'],
  'attachTypes sk_reuseport_select': ['5.14', 'd5e4ddaeb6ab'],
  'attachTypes sk_reuseport_select_or_migrate': ['5.14', 'd5e4ddaeb6ab'],
  'attachTypes perf_event': ['5.15', 'b89fbfbb854c'],
  'attachTypes trace_kprobe_multi': ['5.18', '0dcac2725406'],
  'attachTypes lsm_cgroup': ['6.0', '69fd337a975c'],
  'attachTypes struct_ops': ['6.4', '68b04864ca42'],
  'attachTypes netfilter': ['6.4', '84601d6ee68a'],
  'attachTypes tcx_ingress': ['6.6', 'e420bed02507'],
  'attachTypes tcx_egress': ['6.6', 'e420bed02507'],
  'attachTypes trace_uprobe_multi': ['6.6', '89ae89f53d20'],
  'attachTypes cgroup_unix_connect': ['6.7', '859051dd165e'],
  'attachTypes cgroup_unix_sendmsg': ['6.7', '859051dd165e'],
  'attachTypes cgroup_unix_recvmsg': ['6.7', '859051dd165e'],
  'attachTypes cgroup_unix_getpeername': ['6.7', '859051dd165e'],
  'attachTypes cgroup_unix_getsockname': ['6.7', '859051dd165e'],
  'attachTypes netkit_primary': ['6.7', '35dfaad7188c'],
  'attachTypes netkit_peer': ['6.7', '35dfaad7188c'],
  'attachTypes trace_kprobe_session': ['6.10', '535a3692ba72'],
  'attachTypes trace_uprobe_session': ['6.13', 'd920179b3d48'],
  'instructions atomics': ['5.12', '5ca419f2864a'],
  'instructions kfunc': ['5.13', 'e6ac2450d6de'],
  'instructions callback': ['5.13', '69c087ba6225'],
  'instructions cpu-v4': ['6.6', '1f9a1ea821ff'],
  'instructions may_goto': ['6.9', '011832b97b31'],
  'instructions addr_space_cast': ['6.9', '6082b6c328b5'],
  'instructions load-acquire': ['6.15', '880442305a39'],
  'instructions store-release': ['6.15', '880442305a39'],
  'instructions indirect-goto': ['6.19', '493d9e0d6083'],
  'kfuncs bpf_iter_num_new': ['6.4', '06accc8779c1'],
  'kfuncs bpf_iter_num_next': ['6.4', '06accc8779c1'],
  'kfuncs bpf_iter_num_destroy': ['6.4', '06accc8779c1'],
  'kfuncs bpf_dynptr_from_skb': ['6.4', 'b5964b968ac6'],
  'kfuncs bpf_dynptr_from_xdp': ['6.4', '05421aecd4ed'],
  'kfuncs bpf_rcu_read_lock': ['6.2', '9bb00b2895cb'],
  'kfuncs bpf_task_from_pid': ['6.2', '3f0e6f2b41d3'],
  'kfuncs bpf_throw': ['6.7', 'fd5d27b70188'],
};

/** The documented version of a fact; undefined where none is written here, which says nothing of the fact. */
export function upstreamVersion(fact: Fact): UpstreamVersion | undefined {
  if (fact.list === 'helpers') return helperVersion(fact.name);
  const found = OTHERS[`${fact.list} ${fact.name}`];
  if (found === undefined) return undefined;
  return { version: found[0], source: `commit ${found[1]} of Linux ${found[0]}` };
}

/** Every documented fact, for the test that holds them against the table. */
export function documentedFacts(): Fact[] {
  const helpers = NAMES_OF_HELPERS.map(name => ({ list: 'helpers', name, kind: null }) as const);
  const others = Object.keys(OTHERS).map(key => {
    const [list, name] = key.split(' ') as [Fact['list'], string];
    return { list, name, kind: null } as Fact;
  });
  return [...helpers, ...others];
}

function helperVersion(name: string): UpstreamVersion | undefined {
  const number = NAMES_OF_HELPERS.indexOf(name);
  const row = FIRST_HELPERS.findLast(([first]) => NAMES_OF_HELPERS.indexOf(first) <= number);
  return row === undefined ? undefined : { version: row[1], source: HELPER_SOURCE };
}
