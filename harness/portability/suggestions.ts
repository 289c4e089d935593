/** What does the same on kernels that lack something, where there is such a thing. */
const SUGGESTIONS: Readonly<Record<string, string>> = {
  bpf_loop: 'a bounded for loop, or #pragma unroll',
  bpf_for_each_map_elem: 'look up known keys in a bounded loop',
  bpf_strncmp: 'compare bytes in a bounded loop',
  bpf_snprintf: 'format in user space',
  bpf_trace_vprintk: 'bpf_trace_printk with at most 3 arguments',
  bpf_get_func_ip: 'PT_REGS_IP, or the cookie of the attachment',
  bpf_get_attach_cookie: 'a program for each attachment, with a constant of its own',
  bpf_ringbuf_reserve: 'bpf_ringbuf_output of a value on the stack',
  bpf_ringbuf_reserve_dynptr: 'bpf_ringbuf_reserve of a fixed size',
  bpf_ktime_get_coarse_ns: 'bpf_ktime_get_ns',
  bpf_ktime_get_tai_ns: 'bpf_ktime_get_ns and an offset from user space',
  bpf_get_current_task_btf: 'bpf_get_current_task and BPF_CORE_READ',
  bpf_task_storage_get: 'a hash map by thread ID',
  bpf_cgrp_storage_get: 'a hash map by cgroup ID',
  bpf_map_lookup_percpu_elem: 'read the values of all CPUs in user space',
  bpf_copy_from_user: 'bpf_probe_read_user',
  bpf_probe_read_kernel: 'the fields of the context: Windows has no kernel memory to read',
  bpf_xdp_load_bytes: 'direct access to the packet with a bounds check',
  bpf_xdp_store_bytes: 'direct access to the packet with a bounds check',
  bpf_get_socket_cookie: 'the address of the socket as a key',
  may_goto: 'bpf_loop (5.17), or a bounded loop',
  atomics: '__sync_fetch_and_add without its result, or a per-CPU map',
  'cpu-v4': 'compile with -mcpu=v3',
  callback: 'a bounded loop',
  'load-acquire': 'an atomic operation (5.12)',
  'store-release': 'an atomic operation (5.12)',
  addr_space_cast: 'a hash or array map',
  ringbuf: 'perf_event_array',
  user_ringbuf: 'an array that user space writes to',
  task_storage: 'hash by thread ID',
  cgrp_storage: 'hash by cgroup ID, or cgroup_storage',
  bloom_filter: 'hash',
  arena: 'array with BPF_F_MMAPABLE',
  bpf_iter_num_new: 'a bounded loop, or bpf_loop (5.17)',
  bpf_rcu_read_lock: 'a program that may not sleep, which is in an RCU section anyway',
};

/** What to use instead of a helper, map type, instruction or kernel function; null where nothing is known. */
export function insteadOf(name: string): string | null {
  const found = SUGGESTIONS[name];
  if (found !== undefined) return found;
  return name.startsWith('kernel function ')
    ? 'a program for each name, and bpf_program__set_autoload() or a guard; or a tracepoint'
    : null;
}
