import { locateAgentBinary } from '../agent/agent-binary.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { type ProbeResult, probeKvm } from '../vm/accelerator.ts';
import { storeInitramfs } from '../vm/initramfs-store.ts';
import { findQemu } from '../vm/qemu-binary.ts';
import type { TargetContext } from './target-context.ts';

type TryKvmContext = Pick<TargetContext, 'packageRoot' | 'cacheRoot' | 'environment' | 'signal'>;

const MEMORY_MIB = 512;

/** Boots a kernel under KVM, as the first run on this machine does; the answer is remembered. */
export async function tryKvm(kernel: Kernel, context: TryKvmContext): Promise<ProbeResult> {
  const { packageRoot, cacheRoot, environment, signal } = context;
  const { arch, image, modules } = kernel;
  const init = await locateAgentBinary({ platform: { os: 'linux', arch }, packageRoot, signal });
  const initramfs = await storeInitramfs({ init, modules }, cacheRoot);
  const qemu = await findQemu(arch, environment['PATH']);
  const machine = { arch, kernel: image, initramfs: initramfs.path, memoryMiB: MEMORY_MIB };
  return probeKvm({ qemu, machine, cacheRoot, signal });
}
