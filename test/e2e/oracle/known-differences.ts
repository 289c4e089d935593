import type { Rule } from './rules.ts';

/** What libbpf 1.1.2 does not do, or does otherwise than its later versions; each with the rule that decides. */
export const KNOWN_DIFFERENCES: readonly Rule[] = [
  {
    objects: ['struct-ops-link', 'suite-congestion-control', 'suite-struct-ops'],
    kinds: ['verdict', 'insns', 'bytes'],
    why: 'libbpf knows .struct_ops.link from 1.2 on. Before, it takes it for data, and its programs for those of nothing.',
  },
  {
    objects: ['suite-sched-ext'],
    kinds: ['verdict', 'insns', 'bytes'],
    kernels: ['7.2'],
    why: 'The same, where the kernel has sched_ext.',
  },
  {
    objects: ['suite-sched-ext'],
    kinds: ['not asked'],
    kernels: ['5.10', '6.1', '6.12'],
    why: 'The same, where it does not: we say so, and libbpf asks about a program of nothing.',
  },
  {
    objects: ['suite-scheduler'],
    kinds: ['verdict', 'insns', 'bytes'],
    kernels: ['7.2'],
    why: 'The same.',
  },
  {
    objects: ['functions-odd-name'],
    programs: ['odd$name'],
    kinds: ['verdict', 'insns'],
    why: 'libbpf hands the name over as it is, and the kernel takes no $ in one. Ours is the verdict on the program.',
  },
  {
    objects: ['kfunc-weak'],
    programs: ['unguarded_absent'],
    kinds: ['verdict', 'insns'],
    kernels: ['6.1', '6.12', '7.2'],
    why: 'What stands for an absent function is another instruction in libbpf from 1.2 on, and here. Both are refused.',
  },
  {
    objects: ['kfunc-two-forms'],
    kinds: ['insns', 'bytes'],
    kernels: ['6.12', '7.2'],
    why: 'libbpf knows flavours of functions (___own) from 1.3 on.',
  },
  {
    objects: ['suite-exception-callback'],
    kinds: ['verdict', 'insns', 'bytes'],
    kernels: ['6.12', '7.2'],
    why: 'libbpf 1.1 does not know the tag that names an exception callback, and leaves that function out.',
  },
  {
    objects: ['core-type-id-local'],
    kinds: ['bytes'],
    why: 'The number is that of a type among those handed over, which are not all of the object’s.',
  },
  {
    objects: ['suite-linked-list'],
    kinds: ['bytes'],
    kernels: ['6.12', '7.2'],
    why: 'The same.',
  },
  {
    objects: ['suite-key-and-value-sizes'],
    kinds: ['bytes'],
    kernels: ['5.10'],
    why: 'The kernel refuses one of the object’s types, for which libbpf hands none over. Ours are those of the program.',
  },
  {
    objects: ['biosnoop-libbpf-1'],
    programs: ['block_rq_insert', 'block_rq_issue'],
    kinds: ['verdict', 'insns'],
    kernels: ['5.10'],
    why: 'Before 1.2 libbpf takes Debian’s 5.10.0-46 for 5.10.0. It is 5.10.262, where a tracepoint has other arguments.',
  },
];
