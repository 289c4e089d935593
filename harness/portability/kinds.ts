import type { NeededProgram } from './needs.ts';

/** Program types of which a kind of program is known by what it attaches to, too. */
const BY_ATTACH_TYPE = new Set(['tracing', 'lsm', 'cgroup_sock_addr', 'cgroup_sockopt']);

/** What an attach type is where the object names none. */
const DEFAULT_ATTACH: Readonly<Record<string, string>> = {
  cgroup_sock: 'cgroup_inet_sock_create',
};

type Attached = Pick<NeededProgram, 'type' | 'attachType' | 'attachTo' | 'sleepable'>;

/** The kind of a program, as `agent/PROTOCOL.md` names kinds; null for one that has none by itself. */
export function kindOf({ type, attachType, attachTo, sleepable }: Attached): string | null {
  const suffix = sleepable && type !== 'syscall' ? '+sleepable' : '';
  if (type === 'ext' || type === 'unspec') return null;
  if (type === 'struct_ops') return `struct_ops/${attachTo.split(':')[0]}`;
  if (type === 'cgroup_sock') return `${type}/${attachType || DEFAULT_ATTACH[type]}`;
  if (BY_ATTACH_TYPE.has(type) && attachType !== '') return `${type}/${attachType}${suffix}`;
  return `${type}${type === 'kprobe' ? suffix : ''}`;
}
