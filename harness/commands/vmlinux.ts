import { loadConfig } from '../config/load-config.ts';
import { architectureOf, parseTargetName } from '../config/target-name.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { formatVmlinux } from '../fixtures/vmlinux-header.ts';
import { ProgressDisplay } from '../report/progress.ts';
import type { CommandContext } from './context.ts';
import { EXIT } from './exit-code.ts';
import { newestKernel, resolveKernel } from './vmlinux-kernel.ts';

const HOST_TYPES = '/sys/kernel/btf/vmlinux';

/** `crossbpf vmlinux [TARGET]`: the types of its kernel as C. */
export async function vmlinuxCommand(
  name: string | undefined,
  options: { readonly config?: string },
  context: CommandContext,
): Promise<number> {
  const { folder, packageRoot, signal, stdout, stderr } = context;
  const loaded = await loadConfig(folder, options.config);
  const progress = new ProgressDisplay(stderr);
  const find = async () => {
    const kernels = {
      ...context,
      onProgress: event => progress.onEvent({ type: 'kernel:progress', progress: event }),
    } satisfies Parameters<typeof newestKernel>[1];
    if (name === undefined) return (await newestKernel(loaded, kernels)).image;
    const host = architectureOf(process.arch);
    const target = parseTargetName(name, host, loaded.config.remotes);
    // A path of the command line is relative to the working folder.
    if (target.kind === 'linux-vm') {
      const { kernel } = target;
      const from = kernel.kind === 'file' ? { ...loaded, root: folder } : loaded;
      return (await resolveKernel(target, from, kernels)).image;
    }
    if (target.id === 'linux-host') return HOST_TYPES;
    throw notAKernel(name);
  };
  const types = await find().finally(() => progress.clear());
  stdout.write(await formatVmlinux(types, { packageRoot, signal }));
  return EXIT.asExpected;
}

function notAKernel(name: string): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_NO_KERNEL',
    message: `${name}: the types of another machine's kernel cannot be read from here`,
    hint: 'Name a kernel, such as linux@6.12 or linux:./vmlinux, or linux-host.',
  });
}
