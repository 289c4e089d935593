import type { Platform } from '../config/platform.ts';
import { errnoName, errnoNumber } from './errno-names.ts';
import { errorMeaning } from './error-meanings.ts';
import { resultName, resultNumber } from './windows-results.ts';

type Names = Readonly<Record<string, number>>;

/** enum xdp_action of include/uapi/linux/bpf.h. */
const XDP: Names = { XDP_ABORTED: 0, XDP_DROP: 1, XDP_PASS: 2, XDP_TX: 3, XDP_REDIRECT: 4 };

/** TC_ACT_… of include/uapi/linux/pkt_cls.h. The first name of a number is the one that is shown. */
const TC: Names = {
  ...{ TC_ACT_UNSPEC: -1, TC_ACT_OK: 0, TC_ACT_RECLASSIFY: 1, TC_ACT_SHOT: 2, TC_ACT_PIPE: 3 },
  ...{ TC_ACT_STOLEN: 4, TC_ACT_QUEUED: 5, TC_ACT_REPEAT: 6, TC_ACT_REDIRECT: 7, TC_ACT_TRAP: 8 },
  // enum tcx_action_base of include/uapi/linux/bpf.h.
  ...{ TCX_NEXT: -1, TCX_PASS: 0, TCX_DROP: 2, TCX_REDIRECT: 7 },
};

/** enum sk_action of include/uapi/linux/bpf.h. */
const SK: Names = { SK_DROP: 0, SK_PASS: 1 };

/** enum bpf_ret_code of include/uapi/linux/bpf.h. */
const LWT: Names = { BPF_OK: 0, BPF_DROP: 2, BPF_REDIRECT: 7, BPF_LWT_REROUTE: 128 };
const DISSECTOR: Names = { BPF_OK: 0, BPF_DROP: 2, BPF_FLOW_DISSECTOR_CONTINUE: 129 };

/** What include/uapi/linux/netfilter.h has and the verifier lets a program return. */
const NETFILTER: Names = { NF_DROP: 0, NF_ACCEPT: 1 };

/** The kernel has no names for these: the system call goes on, or fails with EPERM. */
const CGROUP: Names = { deny: 0, allow: 1 };

/** By program type, as `agent/names` spells it. */
const LINUX: Readonly<Record<string, Names>> = {
  ...{ xdp: XDP, sched_cls: TC, sched_act: TC, netfilter: NETFILTER, flow_dissector: DISSECTOR },
  ...{ sk_skb: SK, sk_msg: SK, sk_lookup: SK, sk_reuseport: SK },
  ...{ lwt_in: LWT, lwt_out: LWT, lwt_xmit: LWT, lwt_seg6local: LWT },
  ...{ cgroup_skb: CGROUP, cgroup_sock: CGROUP, cgroup_sock_addr: CGROUP, cgroup_device: CGROUP },
  ...{ cgroup_sysctl: CGROUP, cgroup_sockopt: CGROUP },
};

/**
 * enum _xdp_action of xdp-for-windows (published/external/xdp/ebpfhook.h), bind_action_t and ebpf_sock_addr_verdict_t of
 * eBPF for Windows 1.5.0 (include/ebpf_nethooks.h), the last of which Linux has no names for.
 */
const WINDOWS: Readonly<Record<string, Names>> = {
  xdp: { XDP_PASS: 1, XDP_DROP: 2, XDP_TX: 3 },
  bind: {
    ...{ BIND_PERMIT_SOFT: 0, BIND_DENY: 1, BIND_REDIRECT: 2, BIND_PERMIT_HARD: 3 },
    BIND_PERMIT: 0,
  },
  cgroup_sock_addr: {
    ...{ BPF_SOCK_ADDR_VERDICT_REJECT: 0, BPF_SOCK_ADDR_VERDICT_PROCEED_SOFT: 1 },
    ...{ BPF_SOCK_ADDR_VERDICT_PROCEED_HARD: 2, ...CGROUP },
  },
};

/** The same names stand for other numbers elsewhere. */
const TABLES: Readonly<Record<Platform, Readonly<Record<string, Names>>>> = {
  linux: LINUX,
  windows: WINDOWS,
};

/** What a number means where another platform says it with one number only. */
const MEANINGS: Readonly<Record<Platform, Readonly<Record<string, readonly string[]>>>> = {
  linux: {},
  windows: { cgroup_sock_addr: ['deny', 'allow', 'allow'] },
};

export interface Returning {
  readonly platform: Platform;
  readonly programType: string;
}

/** The names that programs of a type can return, but for errors; empty where the number means something else. */
export function returnNames({ platform, programType }: Returning): string[] {
  return Object.keys(TABLES[platform][programType] ?? {});
}

/** What a program returned by name: `XDP_PASS`, or `-EPERM` of what is an error's number; null where there is none. */
export function returnName(retval: number, returning: Returning): string | null {
  const names = TABLES[returning.platform][returning.programType] ?? {};
  const number = retval | 0;
  const [name] = Object.entries(names).find(([, each]) => each === number) ?? [];
  if (name !== undefined) return name;
  const error = number < 0 ? errorName(-number, returning.platform) : undefined;
  return error === undefined ? null : `-${error}`;
}

/** What a return value means on any platform, in one word; null where there is no name for it. */
export function returnMeaning(retval: number, returning: Returning): string | null {
  const { platform, programType } = returning;
  const meaning = MEANINGS[platform][programType]?.[retval];
  if (meaning !== undefined) return meaning;
  const name = returnName(retval, returning);
  if (name === null || !name.startsWith('-')) return name;
  return errorMeaning(name.slice(1)) ?? name;
}

/** The name of an error by its number, as programs of a platform return it: negated. */
export function errorName(number: number, platform: Platform): string | undefined {
  return platform === 'windows' ? resultName(number) : errnoName(number);
}

/** Whether a text is the name of an error with a minus before it, `-ENOENT`, as programs of a platform return it. */
export function isError(text: string, platform: Platform): boolean {
  return text.startsWith('-') && errorNumber(text.slice(1), platform) !== undefined;
}

function errorNumber(name: string, platform: Platform): number | undefined {
  return platform === 'windows' ? resultNumber(name) : errnoNumber(name);
}

/** The number of such a name, 32 bits and unsigned; undefined for what programs of the type cannot return by name. */
export function returnNumber(name: string, returning: Returning): number | undefined {
  const known = TABLES[returning.platform][returning.programType]?.[name];
  if (known !== undefined) return known >>> 0;
  const error = name.startsWith('-') ? errorNumber(name.slice(1), returning.platform) : undefined;
  return error === undefined ? undefined : -error >>> 0;
}
