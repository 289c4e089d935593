/** Boots a guest as its argument, JSON, says; prints the guest's console as JSON; then waits to be killed. */
import { type BootOptions, bootGuest } from '../../../harness/vm/boot.ts';

const options: Pick<BootOptions, 'qemu' | 'machine'> = JSON.parse(process.argv[2] ?? '');
const guest = await bootGuest({ ...options, timeoutMs: 60_000 });
process.stdout.write(`${JSON.stringify(guest.consoleTail())}\n`);
setInterval(() => {}, 1000);
