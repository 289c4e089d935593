// `npm start`: from nothing to the matrix of all fixtures on five real kernels.
import { root, runNode, setUp } from './set-up.mjs';

await setUp();
process.exitCode = runNode([`${root}/bin/crossbpf.js`, 'run', ...process.argv.slice(2)]);
