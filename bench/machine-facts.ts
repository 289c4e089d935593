import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { execa } from 'execa';

/** What a reader has to know of the machine to compare numbers with those of another. */
export async function machineFacts(): Promise<string> {
  const qemu = await execa('qemu-system-x86_64', ['--version']);
  const version = qemu.stdout.split('\n')[0] ?? '';
  return [
    `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
    version,
    `Node ${process.version}`,
    'TCG (no KVM)',
    `load ${loadNow()}`,
  ].join('; ');
}

/** The load average of the last minute: above the number of cores, others share them with the benchmark. */
export function loadNow(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}
