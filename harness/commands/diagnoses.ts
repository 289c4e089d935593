import { access, constants, mkdir, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { locateAgentBinary } from '../agent/agent-binary.ts';
import { hostPlatform } from '../agent/host-platform.ts';
import { configSchema } from '../config/config-schema.ts';
import { asError, CrossbpfError } from '../crossbpf-error.ts';
import { compileFixture } from '../fixtures/compile.ts';
import { compileFlags } from '../fixtures/compile-flags.ts';
import { findCompiler } from '../fixtures/find-compiler.ts';
import { listCachedKernels } from '../kernels/cached-kernels.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { formatBytes } from '../report/format-bytes.ts';
import { openTempFolder } from '../storage/temp-folder.ts';
import { tryGuest } from '../targets/try-guest.ts';
import { tryKvm } from '../targets/try-kvm.ts';
import type { CommandContext } from './context.ts';

/** What one look at the machine found. */
export interface Diagnosis {
  /** `notice`: a run works without it. */
  readonly state: 'good' | 'missing' | 'notice';
  readonly found: string;
  readonly fix?: string;
}

interface Check {
  readonly subject: string;
  diagnose(context: CommandContext): Promise<Diagnosis>;
}

/** About what the kernels of the default targets need, with room for one download. */
const WANTED_BYTES = 2e9;

const node: Check = {
  subject: 'Node',
  diagnose: async () => ({ state: 'good', found: process.version }),
};

const qemu: Check = {
  subject: 'QEMU',
  async diagnose({ environment }) {
    const asked = await execa('qemu-system-x86_64', ['--version'], {
      reject: false,
      env: environment,
    });
    const version = /version (\S+)/.exec(asked.stdout ?? '')?.[1];
    if (version !== undefined) return { state: 'good', found: version };
    return {
      state: 'missing',
      found: 'qemu-system-x86_64 was not found',
      fix: 'apt-get install qemu-system-x86',
    };
  },
};

const clang: Check = {
  subject: 'clang',
  diagnose: context =>
    diagnoseError(async () => {
      const { command, version } = await findCompiler({ environment: context.environment });
      return { state: 'good', found: `${version} (${command})` };
    }),
};

const PROBE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("socket") int probe(struct __sk_buff *skb) { return 0; }
`;

const headers: Check = {
  subject: 'BPF headers',
  diagnose: context =>
    diagnoseError(async () => {
      const compiler = await findCompiler({ environment: context.environment });
      await using folder = await openTempFolder('doctor');
      const file = path.join(folder.path, 'probe.bpf.c');
      await writeFile(file, PROBE);
      const { compiler: configured } = configSchema.parse({});
      const source = { id: 'probe', file, kind: 'source' } as const;
      const { packageRoot } = context;
      const flags = compileFlags(source, {
        ...{ compiler: configured, platform: 'linux', packageRoot },
        ...{ own: [], hostArch: process.arch },
      });
      const outcome = await compileFixture(file, {
        compiler,
        flags,
        root: folder.path,
      });
      if (outcome.kind === 'compiled') return { state: 'good', found: 'a program compiles' };
      const said = outcome.diagnostics.split('\n').find(line => line.includes('error:'));
      return {
        ...{
          state: 'missing',
          found: `a program does not compile: ${said?.replace(/^.*error: /, '')}`,
        },
        fix: 'apt-get install libbpf-dev linux-libc-dev',
      };
    }),
};

const apt: Check = {
  subject: 'apt',
  async diagnose({ environment }) {
    const tools = ['apt-get', 'dpkg-deb', 'flock', 'setpriv', 'tar', 'xz', 'lz4'];
    const missing = await missingTools(tools, environment);
    if (missing.length === 0) return { state: 'good', found: tools.join(', ') };
    return {
      ...{ state: 'missing', found: `${missing.join(', ')} not found` },
      fix: 'apt-get install apt dpkg util-linux tar xz-utils lz4 (kernels come from Debian’s archive); linux:PATH works without',
    };
  },
};

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

const keys: Check = {
  subject: 'archive keys',
  async diagnose() {
    const there = await access(KEYRING).then(
      () => true,
      () => false,
    );
    if (there) return { state: 'good', found: KEYRING };
    return {
      state: 'missing',
      found: `${KEYRING} is not there`,
      fix: 'apt-get install debian-archive-keyring',
    };
  },
};

const agent: Check = {
  subject: 'agent',
  diagnose: ({ packageRoot, signal }) =>
    diagnoseError(async () => {
      const binary = await locateAgentBinary({ platform: hostPlatform(), packageRoot, signal });
      const { stdout } = await execa(binary, ['version']);
      return { state: 'good', found: stdout.trim() };
    }),
};

const cache: Check = {
  subject: 'cache',
  async diagnose({ cacheRoot }) {
    try {
      await mkdir(cacheRoot, { recursive: true });
      await access(cacheRoot, constants.W_OK);
    } catch (error) {
      return {
        state: 'missing',
        found: asError(error).message,
        fix: 'set CROSSBPF_CACHE to a folder that can be written',
      };
    }
    const { bavail, bsize } = await statfs(cacheRoot);
    const free = bavail * bsize;
    const found = `${cacheRoot}, ${formatBytes(free)} free`;
    if (free >= WANTED_BYTES) return { state: 'good', found };
    return {
      state: 'notice',
      found,
      fix: `${formatBytes(WANTED_BYTES)} are wanted: crossbpf kernels prune, or another CROSSBPF_CACHE`,
    };
  },
};

/** Whether guests run under KVM. Only a real boot tells. */
const kvm: Check = {
  subject: 'KVM',
  diagnose: context =>
    diagnoseWithKernel(context, async kernel => {
      const { usable, reason } = await tryKvm(kernel, context);
      if (usable) return { state: 'good', found: reason };
      return { state: 'notice', found: `not used (${reason}); guests run under TCG, which works` };
    }),
};

/** Saving, restoring and rewinding each depend on what this QEMU can do; only a guest tells. */
const guests: Check = {
  subject: 'guests',
  diagnose: context =>
    diagnoseWithKernel(context, async kernel => {
      const { savedMs, restoredMs, notRewound } = await tryGuest(kernel, context);
      const found = `booted and saved in ${seconds(savedMs)}, restored in ${seconds(restoredMs)}`;
      if (notRewound === undefined) return { state: 'good', found: `${found}, rewound` };
      return { state: 'notice', found: `${found}; not rewound (${notRewound}), which is slower` };
    }),
};

/** Takes the kernel of the cache that was used last: doctor fetches none. */
function diagnoseWithKernel(
  { cacheRoot }: CommandContext,
  diagnose: (kernel: Kernel) => Promise<Diagnosis>,
): Promise<Diagnosis> {
  return diagnoseError(async () => {
    const cached = await listCachedKernels(cacheRoot);
    // One that was fetched without modules, for its types alone, has no port for the agent.
    const last = cached.findLast(({ kernel }) => kernel.modules.length > 0) ?? cached.at(-1);
    if (last !== undefined) return diagnose(last.kernel);
    const fix = 'crossbpf kernels fetch, then crossbpf doctor again';
    return { state: 'notice', found: 'not tried: no kernel is in the cache yet', fix };
  });
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** In the order in which a run needs them. */
export const diagnoses: readonly Check[] = [
  ...[node, clang, headers, agent, apt, keys, cache, qemu, guests, kvm],
];

async function diagnoseError(diagnose: () => Promise<Diagnosis>): Promise<Diagnosis> {
  try {
    return await diagnose();
  } catch (thrown) {
    if (!(thrown instanceof CrossbpfError)) throw thrown;
    const { message, hint } = thrown;
    return { state: 'missing', found: message, ...(hint === undefined ? {} : { fix: hint }) };
  }
}

async function missingTools(tools: readonly string[], environment: NodeJS.ProcessEnv) {
  const folders = (environment['PATH'] ?? '').split(path.delimiter);
  const there = await Promise.all(
    tools.map(tool =>
      Promise.any(folders.map(folder => access(path.join(folder, tool), constants.X_OK))).then(
        () => true,
        () => false,
      ),
    ),
  );
  return tools.filter((_, index) => !there[index]);
}
