import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import { keepCachedJson, readCachedJson } from '../storage/cached-json.ts';
import { lockFile } from '../storage/file-lock.ts';
import { bootGuest } from './boot.ts';
import type { Accelerator } from './guest.ts';
import type { QemuBinary } from './qemu-binary.ts';
import type { MachineOptions } from './qemu-command.ts';

/** What a user asks for: `auto` is KVM where it works. */
export type AcceleratorChoice = Accelerator | 'auto';

export interface ProbeOptions {
  readonly qemu: QemuBinary;
  /** The guest to try KVM with. */
  readonly machine: Omit<MachineOptions, 'accelerator'>;
  readonly cacheRoot: string;
  readonly signal?: AbortSignal | undefined;
  /** The device whose absence says at once that there is no KVM. */
  readonly device?: string;
}

const probeResult = z.object({ usable: z.boolean(), reason: z.string() });

/** Whether guests run under KVM here; `reason` says in words how that was found out. */
export type ProbeResult = z.infer<typeof probeResult>;

/** A kernel under KVM prints its first line within 0.1 s. */
const FIRST_LINE_MS = 3000;
const BOOT_MS = 20_000;

/** The accelerator for a choice; INFRA_NO_KVM if KVM is asked for and does not work. */
export async function chooseAccelerator(
  choice: AcceleratorChoice,
  options: ProbeOptions,
): Promise<Accelerator> {
  if (choice === 'tcg') return 'tcg';
  const { usable, reason } = await probeKvm(options);
  if (usable) return 'kvm';
  if (choice === 'auto') return 'tcg';
  throw new CrossbpfError({
    code: 'INFRA_NO_KVM',
    message: `KVM cannot be used here: ${reason}`,
    hint: 'Leave --accel out, or use --accel tcg.',
  });
}

/**
 * Tries KVM by booting a guest: a device that opens proves nothing. The answer is remembered for this
 * host processor, this QEMU and until the host's next boot.
 */
export async function probeKvm(options: ProbeOptions): Promise<ProbeResult> {
  const { qemu, machine, cacheRoot, signal, device = '/dev/kvm' } = options;
  const closed = await whyClosed(device);
  if (closed !== undefined) return { usable: false, reason: closed };
  const note = join(cacheRoot, 'accelerators', `${await hostKey(qemu, machine.arch)}.json`);
  const known = await readCachedJson(note, probeResult);
  if (known !== undefined) return known;
  await mkdir(dirname(note), { recursive: true });
  await using _lock = await lockFile(`${note}.lock`, { purpose: 'try KVM', signal });
  const meanwhile = await readCachedJson(note, probeResult);
  if (meanwhile !== undefined) return meanwhile;
  const result = await boot(options);
  await keepCachedJson(note, result);
  return result;
}

async function whyClosed(device: string): Promise<string | undefined> {
  try {
    await access(device, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return asError(error).message.includes('EACCES')
      ? `${device} may not be opened by this user`
      : `there is no ${device}`;
  }
}

async function boot({ qemu, machine, signal }: ProbeOptions): Promise<ProbeResult> {
  try {
    await using guest = await bootGuest({
      ...{ qemu, signal, timeoutMs: BOOT_MS, firstLineMs: FIRST_LINE_MS },
      machine: { ...machine, accelerator: 'kvm', kernelWords: ['earlyprintk=ttyS0', 'loglevel=7'] },
    });
    return { usable: true, reason: `a guest booted in ${Math.round(guest.startMs)} ms` };
  } catch (error) {
    signal?.throwIfAborted();
    return { usable: false, reason: `a guest did not boot: ${asError(error).message}` };
  }
}

/** What the answer depends on, hashed to a file's name. */
async function hostKey(qemu: QemuBinary, arch: string): Promise<string> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const processor = cpus()[0]?.model ?? '';
  const facts = JSON.stringify([arch, processor, qemu.identity, bootId.trim()]);
  return createHash('sha256').update(facts).digest('hex');
}
