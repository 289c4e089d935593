import { openSandbox, type Sandbox } from '../support/command-line.ts';
import type { Wine } from './wine.ts';

/** Machines by the name of their target. */
export type Machines = Readonly<Record<string, object>>;

/** What leads to an agent in Wine over standard streams. */
export function overStdio({ command }: Pick<Wine, 'command'>) {
  return { kind: 'windows-command', command: [...command, '{agent}', 'serve'] } as const;
}

/** What leads to one over an ssh server whose configuration for clients this is. */
export function windowsSsh(sshConfig: string) {
  return { kind: 'windows-ssh', host: 'loopback', sshConfig };
}

/** A sandbox with a configuration that names machines. */
export async function openWindowsSandbox(remotes: Machines): Promise<Sandbox> {
  const sandbox = await openSandbox();
  await writeMachines(sandbox, remotes);
  return sandbox;
}

/** Writes the configuration, and gives its path. */
export async function writeMachines(sandbox: Sandbox, remotes: Machines): Promise<string> {
  const text = `export default { remotes: ${JSON.stringify(remotes)} };`;
  return sandbox.write('crossbpf.config.mjs', text);
}

/** A program on XDP, with a scenario that runs it once. */
export async function writeXdp(sandbox: Sandbox, name: string, body: string): Promise<void> {
  await sandbox.write(
    `${name}.bpf.c`,
    `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");
SEC("xdp") int ${name}(struct xdp_md *ctx) { ${body} }
`,
  );
  const steps = [{ run: name, data: { text: 'a packet of some length, for all kernels' } }];
  await sandbox.write(`${name}.scenario.json`, JSON.stringify({ steps }));
}
