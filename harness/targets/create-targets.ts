import path from 'node:path';
import { type AgentPlatform, locateAgentBinary } from '../agent/agent-binary.ts';
import {
  architectureOf,
  type LinuxVmTarget,
  type MachineTarget,
  parseTargetName,
} from '../config/target-name.ts';
import type { CrossbpfError } from '../crossbpf-error.ts';
import type { Architecture } from '../kernels/kernel.ts';
import { readKernelLock } from '../kernels/kernel-lock.ts';
import { resolveKernels } from '../kernels/resolve-kernels.ts';
import type { Target } from './connection.ts';
import { GUEST_MODULES, LinuxVm, type LinuxVmContext } from './linux-vm.ts';
import type { MachineContext } from './machine-target.ts';
import type { TargetContext } from './target-context.ts';

/** A target of the plan: one that can be tried, or why it cannot. */
export type PlannedTarget =
  | { readonly kind: 'ready'; readonly target: Target }
  | { readonly kind: 'failed'; readonly id: string; readonly error: CrossbpfError };

/**
 * Makes targets of their names, in the same order; a name that is there twice counts once. Kernels
 * are fetched here; nothing is booted or connected to yet.
 *
 * @throws CrossbpfError (usage) for a name that cannot be read, or that names no kernel and no machine.
 */
export async function createTargets(
  names: readonly string[],
  context: TargetContext,
): Promise<PlannedTarget[]> {
  const hostArch = architectureOf(process.arch);
  const parsed = names.map(name => parseTargetName(name, hostArch, context.remotes));
  const unique = [...new Map(parsed.map(target => [target.id, target])).values()];
  const agentFor = rememberAgents(context);
  const guests = await createGuests(
    unique.filter(target => target.kind === 'linux-vm'),
    { ...context, agentFor: arch => agentFor({ os: 'linux', arch }) },
  );
  const machines = await createMachines(
    unique.filter(target => target.kind !== 'linux-vm'),
    { ...context, agentFor },
  );
  const planned = new Map([...guests, ...machines]);
  return unique.flatMap(({ id }) => planned.get(id) ?? []);
}

async function createMachines(names: readonly MachineTarget[], context: MachineContext) {
  if (names.length === 0) return new Map<string, PlannedTarget>();
  const { createMachineTarget } = await import('./machine-target.ts');
  return new Map<string, PlannedTarget>(
    names.map(name => [name.id, { kind: 'ready', target: createMachineTarget(name, context) }]),
  );
}

/** Kernels are resolved together, by architecture: what two targets share is fetched once. */
async function createGuests(targets: readonly LinuxVmTarget[], context: LinuxVmContext) {
  const planned = new Map<string, PlannedTarget>();
  for (const [arch, group] of Map.groupBy(targets, target => target.arch)) {
    const kernels = await resolve(group, arch, context);
    for (const [index, name] of group.entries()) {
      const found = kernels[index];
      if (found === undefined) continue;
      planned.set(name.id, planTarget(name, found, context));
    }
  }
  return planned;
}

type Resolution = Awaited<ReturnType<typeof resolveKernels>>[number];

function planTarget(
  name: LinuxVmTarget,
  found: Resolution,
  context: LinuxVmContext,
): PlannedTarget {
  const { id } = name;
  if (found.status === 'found') {
    return { kind: 'ready', target: new LinuxVm(name, found.kernel, context) };
  }
  if (found.error.kind === 'usage') throw found.error;
  return { kind: 'failed', id, error: found.error };
}

async function resolve(
  targets: readonly LinuxVmTarget[],
  arch: Architecture,
  context: TargetContext,
): Promise<Resolution[]> {
  const { cacheRoot, environment, onProgress, signal, lockFile, hold } = context;
  const lock = lockFile === undefined ? undefined : await readKernelLock(lockFile);
  const references = targets.map(({ kernel }) => absolute(kernel, context.folder));
  return resolveKernels(references, {
    ...{ arch, modules: GUEST_MODULES, cacheRoot, environment, onProgress, signal, lock, hold },
  });
}

function absolute(kernel: LinuxVmTarget['kernel'], folder: string): LinuxVmTarget['kernel'] {
  return kernel.kind === 'file' ? { ...kernel, path: path.resolve(folder, kernel.path) } : kernel;
}

/** Finds the agent once for a platform: its sources are looked through to see whether it is current. */
function rememberAgents({ packageRoot, signal }: TargetContext): MachineContext['agentFor'] {
  const found = new Map<string, Promise<string>>();
  return (platform: AgentPlatform) => {
    const key = `${platform.os}/${platform.arch}`;
    const agent = found.get(key) ?? locateAgentBinary({ platform, packageRoot, signal });
    found.set(key, agent);
    return agent;
  };
}
