#!/usr/bin/env node
// Plain JavaScript that any Node can read: it finds a Node that is new enough, or says so.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const NEEDED = [24, 12];

const [major, minor] = process.versions.node.split('.').map(Number);
const isNewEnough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);

if (isNewEnough) {
  endWithParent();
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
      `error: crossbpf needs Node ${NEEDED.join('.')} or newer; this is ${process.version}. Install a newer one (npm install --global node), or run npm ci in a checkout.\n`,
    );
    process.exitCode = 2;
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // Ctrl-C reaches the child from the terminal too; it takes two at once for one.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
  child.on('error', error => {
    process.stderr.write(`error: ${node} cannot be started: ${error.message}\n`);
    process.exitCode = 3;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

/** The channel to a parent closes however the parent ends, even by SIGKILL. */
function endWithParent() {
  if (process.channel === undefined) return;
  process.channel.unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
