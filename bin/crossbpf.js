#!/usr/bin/env node
// Plain JavaScript that any Node can read: it finds a Node that is new enough, or says so.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED = [24, 12];

const [major, minor] = process.versions.node.split('.').map(Number);
const isNewEnough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);

if (isNewEnough) {
  const built = new URL('../dist/harness/main.js', import.meta.url);
  const { main } = await import(
    existsSync(built) ? built : new URL('../harness/main.ts', import.meta.url)
  );
  process.exitCode = await main(process.argv.slice(2));
} else {
  runWithNode(fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url)));
}

function runWithNode(node) {
  if (!existsSync(node)) {
    process.stderr.write(
      `crossbpf needs Node ${NEEDED.join('.')} or newer; this is ${process.version}. Install a newer one (npm install --global node), or run npm ci in a checkout.\n`,
    );
    process.exitCode = 2;
    return;
  }
  // The child is in our process group, so Ctrl-C reaches it; we only wait for how it ends.
  process.on('SIGINT', () => {});
  const ended = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = ended.status ?? 3;
}
