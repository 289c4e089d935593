import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { findPackage } from '../../harness/commands/find-package.ts';
import { resolveKernels } from '../../harness/kernels/resolve-kernels.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openSandbox } from '../support/command-line.ts';
import { copyWarmCache, SERIES } from '../support/kernel-cache.ts';

const { packageRoot } = findPackage(import.meta.dirname);

const SOURCE = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
char LICENSE[] SEC("license") = "GPL";
int group;
SEC("kprobe/do_unlinkat")
int BPF_KPROBE(on_unlink, int folder, struct filename *name)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	group = BPF_CORE_READ(task, tgid) + folder;
	return 0;
}
`;

test('clang lays out the structs of five kernels as the kernels do', async () => {
  const names = [
    { kind: 'series', series: '5.10' },
    { kind: 'series', series: '6.1' },
    { kind: 'series', series: '6.12' },
    { kind: 'series', series: '6.18' },
    { kind: 'major', major: 7 },
  ] as const;
  const { signal } = new AbortController();
  const found = await resolveKernels(names, {
    ...{ arch: 'amd64', modules: [], cacheRoot: cacheRoot(process.env), environment: process.env },
    signal,
  });
  const images = found.map(each => {
    if (each.status === 'failed') throw each.error;
    return each.kernel.image;
  });
  const { stdout } = await execa('go', ['test', './vmlinux', '-run', 'TestKernels', '-v'], {
    cwd: path.join(packageRoot, 'agent'),
    env: { CROSSBPF_TYPES: images.join(':') },
  });
  const compared = [...stdout.matchAll(/(\d+) structs, unions and typedefs of them/g)];
  expect(compared.map(([, count]) => Number(count) > 6000)).toEqual(names.map(() => true));
}, 1_800_000);

test('a source with vmlinux.h and BPF_KPROBE needs no header, no flag and, once the kernel is there, no network', async () => {
  await using sandbox = await openSandbox();
  await copyWarmCache(sandbox.cacheRoot);
  await sandbox.write('crossbpf.config.ts', `export default { targets: ['linux@${SERIES}'] };`);
  await sandbox.write('prog.bpf.c', SOURCE);
  const offline = { CROSSBPF_DEBIAN_MIRROR: 'http://127.0.0.1:9' };
  const checked = await sandbox.run(['check', 'prog.bpf.c', '--json'], offline);
  expect(checked).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await readdir(path.join(sandbox.cacheRoot, 'vmlinux'))).toHaveLength(1);

  const run = await sandbox.run(['run', 'prog.bpf.c']);
  expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/prog +✓/) });

  const printed = await sandbox.run(['vmlinux']);
  expect(printed.exitCode).toBe(0);
  await sandbox.write('mine/vmlinux.h', `${printed.stdout}struct later;\n`);
  await sandbox.write('mine/prog.bpf.c', SOURCE.replace('struct filename *', 'struct later *'));
  const own = await sandbox.run(['run', 'mine/prog.bpf.c']);
  expect(own.exitCode).toBe(0);
});

test('a type that no kernel has, and a machine that is no kernel, say what to do', async () => {
  await using sandbox = await openSandbox();
  await copyWarmCache(sandbox.cacheRoot);
  await sandbox.write('crossbpf.config.ts', `export default { targets: ['linux@${SERIES}'] };`);
  await sandbox.write(
    'prog.bpf.c',
    SOURCE.replace('struct task_struct *task', 'struct later *task'),
  );
  const failed = await sandbox.run(['run', 'prog.bpf.c']);
  expect(failed.exitCode).toBe(2);
  expect(failed.stderr).toMatch(/vmlinux.h is that of .*crossbpf vmlinux linux@6.12 > vmlinux.h/);
  const machine = await sandbox.run(['vmlinux', 'linux-ssh:ci@box']);
  expect(machine).toMatchObject({ exitCode: 2, stdout: '' });
  const unknown = await sandbox.run(['vmlinux', 'linux@6,12']);
  expect(unknown.exitCode).toBe(2);
});
