import path from 'node:path';
import { ExecaError } from 'execa';
import { installOnce } from './install.ts';
import { boot, guestScript, type Peer, requireLoaded } from './peer.ts';

const NEEDS =
  'it mounts / by 9p with no initramfs, so CONFIG_9P_FS, CONFIG_NET_9P_VIRTIO and CONFIG_VIRTIO_PCI must be built in; ' +
  "Debian's cloud kernels have no 9p at all, the others have it as modules";

/** vimto, the Go module; its own path is lmb.io/vimto (its go.mod says so, github.com/lmb/vimto is only where it is kept). */
export const vimto: Peer = {
  name: 'vimto',
  async prepare({ folder, object, trees }) {
    const bin = path.join(folder, 'vimto');
    const binary = path.join(bin, 'vimto');
    try {
      await installOnce({
        ...{ file: binary, what: 'vimto' },
        command: ['go', 'install', 'lmb.io/vimto@latest'],
        env: { CGO_ENABLED: '0', GOBIN: bin },
      });
    } catch (thrown) {
      return { kind: 'unusable', reason: `not installed (${lastLine(thrown)}); and ${NEEDS}` };
    }
    const load = async (tree: (typeof trees)[number]) => {
      const args = ['-kernel', tree.vmlinuz, '--', 'sh', '-c', guestScript(object)];
      requireLoaded(await boot(binary, args, { VIMTO_DISABLE_KVM: 'true' }), tree);
    };
    const [first] = trees;
    const failed = await (first && load(first))?.then(
      () => undefined,
      () => `cannot run on these kernels: ${NEEDS}`,
    );
    if (failed !== undefined) return { kind: 'unusable', reason: failed };
    const command = 'VIMTO_DISABLE_KVM=true vimto -kernel vmlinuz -- sh -c COMMAND';
    return { kind: 'usable', version: 'latest', command, load };
  },
};

function lastLine(thrown: unknown): string {
  const output = thrown instanceof ExecaError ? String(thrown.stderr) : String(thrown);
  const line = output.trim().split('\n').at(-1) ?? '';
  return line.replace(/reading \S+: /, '').trim();
}
