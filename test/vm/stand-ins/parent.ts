/** Starts a guest with the given QEMU, prints the guest's console as JSON, and then does nothing until killed. */
import { bootGuest } from '../../../harness/vm/boot.ts';
import { MACHINE } from './scripted-qemu.ts';

const [path = ''] = process.argv.slice(2);
const guest = await bootGuest({
  ...{ qemu: { path, identity: 'any' }, machine: MACHINE, timeoutMs: 20_000 },
});
process.stdout.write(`${JSON.stringify(guest.consoleTail())}\n`);
setInterval(() => {}, 1000);
