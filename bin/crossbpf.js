#!/usr/bin/env node
// Plain JavaScript that any Node can read: it finds a Node that is new enough, or says so.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import * as module from 'node:module';
import { constants, homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NEEDED = [24, 12];

const [major, minor] = process.versions.node.split('.').map(Number);
const isNewEnough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);

if (isNewEnough) {
  endWithParent();
  module.enableCompileCache(compileCacheFolder(process.env));
  const { main } = await import(chooseMain());
  process.exitCode = await main(process.argv.slice(2));
} else {
  runWithNode(fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url)));
}

/** The bundle (`npm run build`), unless this is a checkout with a newer source. */
function chooseMain() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const bundle = path.join(root, 'dist/harness/main.js');
  const source = path.join(root, 'harness/main.ts');
  if (!existsSync(source)) return pathToFileURL(bundle).href;
  const isCurrent =
    existsSync(bundle) && newestSource(path.dirname(source)) <= statSync(bundle).mtimeMs;
  return pathToFileURL(isCurrent ? bundle : source).href;
}

function newestSource(folder) {
  const names = readdirSync(folder, { recursive: true });
  const times = names.map(name => statSync(path.join(folder, name)).mtimeMs);
  return Math.max(...times);
}

/** In the cache that everything of ours is in (`storage/cache-root.ts`). */
function compileCacheFolder({ CROSSBPF_CACHE, XDG_CACHE_HOME, HOME }) {
  const base = XDG_CACHE_HOME?.startsWith('/')
    ? XDG_CACHE_HOME
    : path.join(HOME || homedir(), '.cache');
  return path.join(CROSSBPF_CACHE || path.join(base, 'crossbpf'), 'node');
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
