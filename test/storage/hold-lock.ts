// Takes the lock of the file that it is given, says so, and holds it until it is killed.
import { lockFile } from '../../harness/storage/file-lock.ts';

const lock = await lockFile(process.argv[2] ?? '', { purpose: 'hold it' });
process.stdout.write('locked\n');
setInterval(() => lock, 1000);
