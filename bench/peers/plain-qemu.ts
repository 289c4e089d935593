import path from 'node:path';
import { BPFTOOL, librariesOf, writeGuestArchive } from './guest-archive.ts';
import { boot, guestScript, type Peer, requireLoaded } from './peer.ts';

/** QEMU by hand: the packaged kernel, and an initramfs with busybox, bpftool and the object. */
export const plainQemu: Peer = {
  name: 'plain QEMU boot',
  async prepare({ folder, object }) {
    const archive = path.join(folder, 'plain.cpio');
    await writeGuestArchive(archive, {
      init: initScript('/object.o'),
      files: [BPFTOOL, ...(await librariesOf(BPFTOOL))],
      placed: { 'object.o': object },
    });
    const words = 'console=ttyS0 quiet panic=-1';
    const machine = ['-cpu', 'max', '-m', '512', '-nographic', '-no-reboot'];
    return {
      ...{ kind: 'usable', version: '' },
      command: `qemu-system-x86_64 ${machine.join(' ')} -kernel vmlinuz -initrd plain.cpio -append '${words}'`,
      async load(tree) {
        const kernel = ['-kernel', tree.vmlinuz, '-initrd', archive, '-append', words];
        requireLoaded(await boot('qemu-system-x86_64', [...machine, ...kernel]), tree);
      },
    };
  },
};

function initScript(object: string): string {
  return `#!/bin/busybox sh
bb=/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t bpf bpf /sys/fs/bpf
PATH=/usr/sbin:/bin
uname() { $bb uname "$@"; }
${guestScript(object)}
$bb poweroff -f
`;
}
