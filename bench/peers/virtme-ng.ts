import path from 'node:path';
import { execa } from 'execa';
import { exists, type KernelTree } from '../kernel-trees.ts';
import { installOnce, requirePackages, withPath } from './install.ts';
import { boot, guestScript, type Peer } from './peer.ts';

/**
 * virtme-ng shares this machine's files by virtiofs, for which it wants the daemon that is written in Rust.
 *
 * It runs this machine's udev in the guest where there is one, which makes a boot about twice as long. Without
 * it there is no port for a command's output, but `--verbose` shows that on the console; the exit code is
 * then 255 whatever happened.
 */
export const virtmeNg: Peer = {
  name: 'virtme-ng',
  async prepare({ folder, object }) {
    await requirePackages({
      '/usr/sbin/modprobe': 'kmod',
      '/usr/include/cap-ng.h': 'libcap-ng-dev',
      '/usr/include/seccomp.h': 'libseccomp-dev',
    });
    const venv = path.join(folder, 'virtme-ng');
    const daemon = path.join(folder, 'virtiofsd');
    const python = path.join(venv, 'bin/python3');
    await installOnce({
      ...{ file: python, what: 'a Python environment' },
      command: ['python3', '-m', 'venv', venv],
    });
    const vng = path.join(venv, 'bin/vng');
    await installOnce({
      ...{ file: vng, what: 'virtme-ng' },
      command: [python, '-m', 'pip', 'install', '--quiet', 'virtme-ng'],
    });
    await installOnce({
      ...{ file: path.join(daemon, 'bin/virtiofsd'), what: 'virtiofsd (some minutes)' },
      command: ['cargo', 'install', '--quiet', '--locked', '--root', daemon, 'virtiofsd'],
    });
    const env = withPath(path.join(venv, 'bin'), path.join(daemon, 'bin'));
    const { stdout } = await execa(vng, ['--version'], { env });
    return {
      ...{ kind: 'usable', version: stdout.replace('virtme-ng ', '') },
      remark: `udev in the guest: ${(await exists('/lib/systemd/systemd-udevd')) ? 'yes' : 'no (its best case)'}`,
      command: 'vng --disable-kvm --verbose --run vmlinuz --exec COMMAND',
      async load(tree) {
        const args = ['--disable-kvm', '--verbose', '--run', tree.vmlinuz];
        requireSuccess(await boot(vng, [...args, '--exec', guestScript(object)], env), tree);
      },
    };
  },
};

/** A line of the command can be missing: the guest is switched off before its console has written all. */
function requireSuccess(output: string, { release }: KernelTree): void {
  const isRelease = output.includes(`Linux version ${release} `);
  if (!isRelease || !output.includes('script exited with code 0')) {
    throw new Error(`${release} did not load the object:\n${output.slice(-2000)}`);
  }
}
