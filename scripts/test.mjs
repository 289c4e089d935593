// `npm test`: from nothing through types, lint, the agent's tests and ours, up to those on real kernels.
import { spawnSync } from 'node:child_process';
import { root, runNode, setUp } from './set-up.mjs';

await setUp({ forTests: true });

const steps = [
  ['types', () => runNode([`${root}/node_modules/.bin/tsc`])],
  [
    'lint and format',
    () => runNode([`${root}/node_modules/.bin/biome`, 'check', '--error-on-warnings', root]),
  ],
  ['agent (vet)', () => go('vet', './...')],
  ['agent (tests)', () => go('test', './...')],
  [
    'tests',
    () => runNode([`${root}/node_modules/vitest/vitest.mjs`, 'run', ...process.argv.slice(2)]),
  ],
];

for (const [name, step] of steps) {
  process.stdout.write(`\n── ${name}\n`);
  const status = step();
  if (status !== 0) {
    process.stdout.write(`\n${name}: failed\n`);
    process.exit(status);
  }
}

function go(...args) {
  const ended = spawnSync('go', args, { cwd: `${root}/agent`, stdio: 'inherit' });
  return ended.status ?? 1;
}
