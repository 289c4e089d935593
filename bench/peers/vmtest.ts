import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { exists, type KernelTree } from '../kernel-trees.ts';
import { writeGuestArchive } from './guest-archive.ts';
import { installOnce, requirePackages } from './install.ts';
import {
  boot,
  guestScript,
  type Peer,
  type PreparedPeer,
  requireLoaded,
  type Setting,
} from './peer.ts';

const MODULES = ['9p', 'virtio_pci', '9pnet_virtio', 'virtio_console'];

/**
 * vmtest mounts / by 9p, which Debian's cloud kernels do not have. So it gets the same build of the
 * kernel in the general flavour, which has 9p as modules, and an initramfs that loads them.
 */
export const vmtest: Peer = {
  name: 'vmtest',
  async prepare(setting): Promise<PreparedPeer> {
    await requirePackages({
      '/usr/sbin/modprobe': 'kmod',
      '/usr/sbin/qemu-ga': 'qemu-guest-agent',
    });
    const installed = path.join(setting.folder, 'vmtest');
    const binary = path.join(installed, 'bin/vmtest');
    await installOnce({
      ...{ file: binary, what: 'vmtest (some minutes)' },
      command: ['cargo', 'install', '--quiet', '--locked', '--root', installed, 'vmtest'],
    });
    const tree = await prepareGeneralKernel(setting);
    const config = await writeConfig(tree, setting);
    const { stdout } = await execa('cargo', ['install', '--list', '--root', installed]);
    return {
      ...{ kind: 'usable', trees: [tree] },
      version: /^vmtest v([\d.]+)/m.exec(stdout)?.[1] ?? '',
      command: "vmtest -c vmtest.toml (kernel, command, extra_args = ['-initrd', …])",
      remark: `on ${tree.release}: cloud kernels lack 9p (CONFIG_NET_9P is not set)`,
      async load() {
        requireLoaded(await boot(binary, ['-c', config]), tree);
      },
    };
  },
};

async function prepareGeneralKernel({ folder, trees }: Setting): Promise<KernelTree> {
  const [cloud] = trees;
  if (cloud === undefined) throw new Error('there is no kernel to measure');
  const release = cloud.release.replace('cloud-', '');
  const root = path.join(folder, 'vmtest-kernel', release);
  if (!(await exists(root))) {
    const work = path.join(folder, 'vmtest-kernel', 'packages');
    await mkdir(work, { recursive: true });
    await execa('apt-get', ['download', '-q', `linux-image-${release}`], { cwd: work });
    await execa('sh', ['-c', `dpkg-deb -x linux-image-${release}_*.deb ${release} && rm ./*.deb`], {
      cwd: work,
    });
    await execa('depmod', ['-b', path.join(work, release), release]);
    await execa('mv', [path.join(work, release), root]);
  }
  const modules = path.join(root, 'lib/modules', release);
  const vmlinuz = path.join(root, 'boot', `vmlinuz-${release}`);
  return { series: cloud.series, release, vmlinuz, modules };
}

async function writeConfig(tree: KernelTree, { folder, object }: Setting): Promise<string> {
  const place = path.join(folder, 'vmtest-config');
  const archive = path.join(place, 'modules.cpio');
  const modules = await modulesOf(tree);
  const placed = modules.map(file => [`modules/${path.basename(file)}`, file]);
  const load = modules.map(file => `$bb insmod /modules/${path.basename(file)}`);
  await writeGuestArchive(archive, {
    ...{ init: initScript(load), files: [] },
    placed: Object.fromEntries(placed),
  });
  const qemu = path.join(place, 'qemu-without-kvm');
  await writeFile(qemu, QEMU_WITHOUT_KVM);
  await chmod(qemu, 0o755);
  const config = path.join(place, 'vmtest.toml');
  const quote = JSON.stringify;
  const lines = [
    '[[target]]',
    'name = "bench"',
    `kernel = ${quote(tree.vmlinuz)}`,
    // Its documentation's way to keep the guest from writing to this machine's files.
    'kernel_args = "ro"',
    `qemu_command = ${quote(qemu)}`,
    `command = ${quote(guestScript(object))}`,
    '[target.vm]',
    `extra_args = ["-initrd", ${quote(archive)}]`,
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  return config;
}

/** Files of the modules and of all that they need, in load order. */
async function modulesOf({ release, modules = '' }: KernelTree): Promise<string[]> {
  const root = path.resolve(modules, '../../..');
  const args = ['-d', root, '-S', release, '--show-depends'];
  const shown = await Promise.all(
    MODULES.map(name => execa('/usr/sbin/modprobe', [...args, name])),
  );
  const lines = shown.flatMap(({ stdout }) => stdout.split('\n'));
  return [...new Set(lines.flatMap(line => /^insmod (\S+)/.exec(line)?.[1] ?? []))];
}

/** Passes on to the root that vmtest asks for: `init=` and the mount options are of its making. */
function initScript(load: readonly string[]): string {
  return `#!/bin/busybox sh
bb=/bin/busybox
$bb mount -t proc proc /proc
${load.join('\n')}
for word in $($bb cat /proc/cmdline); do
  case "$word" in
    init=*) init="\${word#init=}" ;;
    rootflags=*) flags="\${word#rootflags=}" ;;
  esac
done
$bb mount -t 9p -o "ro,$flags" /dev/root /root
$bb umount /proc
exec $bb switch_root /root "$init"
`;
}

/** vmtest uses KVM wherever /dev/kvm exists; these are the arguments that it takes where it does not. */
const QEMU_WITHOUT_KVM = `#!/bin/bash
args=()
for arg in "$@"; do
  case "$arg" in
    -enable-kvm) ;;
    host) args+=(qemu64) ;;
    *) args+=("$arg") ;;
  esac
done
exec qemu-system-x86_64 "\${args[@]}"
`;
