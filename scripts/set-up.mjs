// Makes a machine ready: system packages, dependencies, the agent. Plain JavaScript without
// dependencies, since it runs before there are any, on whichever Node the machine has.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** What has to be there, how to see that it is, and which of Debian's packages brings it. */
const REQUIREMENTS = [
  { need: 'QEMU', isThere: () => inPath('qemu-system-x86_64'), packages: ['qemu-system-x86'] },
  { need: 'clang 19 or newer', isThere: () => newestClang() >= 19, packages: ['clang-19'] },
  {
    need: 'libbpf headers',
    isThere: () => existsSync('/usr/include/bpf/bpf_helpers.h'),
    packages: ['libbpf-dev'],
  },
  {
    need: 'kernel headers for programs',
    isThere: () => existsSync('/usr/include/linux/bpf.h'),
    packages: ['linux-libc-dev'],
  },
  { need: 'xz', isThere: () => inPath('xz'), packages: ['xz-utils'] },
  { need: 'lz4', isThere: () => inPath('lz4'), packages: ['lz4'] },
  {
    need: "Debian's archive keys",
    isThere: () => existsSync('/usr/share/keyrings/debian-archive-keyring.gpg'),
    packages: ['debian-archive-keyring'],
  },
];

/** For `npm test` only. */
const TEST_REQUIREMENTS = [
  {
    need: 'libbpf, libelf and zlib to link with',
    isThere: () => hasLibrary('libbpf.a') && hasLibrary('libelf.a') && hasLibrary('libz.a'),
    packages: ['libbpf-dev', 'libelf-dev', 'zlib1g-dev'],
  },
  { need: 'cpio', isThere: () => inPath('cpio'), packages: ['cpio'] },
  { need: "OpenSSH's client", isThere: () => inPath('ssh'), packages: ['openssh-client'] },
  {
    need: "OpenSSH's server",
    isThere: () => existsSync('/usr/sbin/sshd'),
    // Tests start their own; with this file Debian's service is not started (ssh.service).
    before: ['install', '-D', '/dev/null', '/etc/ssh/sshd_not_to_be_run'],
    packages: ['openssh-server'],
  },
  {
    need: 'Vagrant, with its provider for libvirt',
    isThere: () =>
      inPath('vagrant') && existsSync('/usr/share/vagrant-plugins/plugins.d/vagrant-libvirt.json'),
    packages: ['vagrant', 'vagrant-libvirt'],
    // Not every release of Debian has it; its tests are skipped then.
    optional: true,
  },
  {
    need: 'Wine, and a C compiler for Windows',
    isThere: () => inPath('wine') && inPath('x86_64-w64-mingw32-gcc'),
    packages: ['wine', 'wine64', 'gcc-mingw-w64-x86-64'],
    // Of this architecture alone; its tests are skipped elsewhere.
    optional: true,
  },
  { need: 'a C compiler', isThere: () => inPath('gcc'), packages: ['gcc', 'libc6-dev'] },
];

/** Installs what is missing; `forTests` also what only the tests need. */
export async function setUp({ forTests = false } = {}) {
  await installPackages([...REQUIREMENTS, ...(forTests ? TEST_REQUIREMENTS : [])]);
  requireGo();
  installDependencies();
  buildAgent();
  buildBundle();
}

/** Runs a program of this checkout's node_modules with its Node; gives the exit code. */
export function runNode(args) {
  const node = path.join(root, 'node_modules/node/bin/node');
  return run(existsSync(node) ? node : process.execPath, args, { allowFailure: true });
}

async function installPackages(requirements) {
  const missing = requirements.filter(requirement => !requirement.isThere());
  const needed = missing.filter(requirement => !requirement.optional);
  const wished = missing.filter(requirement => requirement.optional && isKnown(requirement));
  const packages = packagesOf([...needed, ...wished]);
  if (packages.length === 0) return;
  say(`missing: ${[...needed, ...wished].map(requirement => requirement.need).join(', ')}`);
  if (!inPath('apt-get'))
    fail(`install them with your package manager (Debian calls them ${packages.join(' ')})`);
  await askFirst(`install with apt-get: ${packages.join(' ')}?`);
  const sudo = process.getuid() === 0 ? [] : ['sudo'];
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (args, options) =>
    run('env', [...sudo, 'apt-get', '-q', '-y', ...args], {
      ...{ quiet: true, env: environment, ...options },
    });
  const install = ['install', '--no-install-recommends'];
  say(`installing ${packages.join(' ')}`);
  for (const { before } of needed) {
    if (before) run('env', [...sudo, ...before], { quiet: true });
  }
  apt(['update'], { allowFailure: true });
  if (needed.length > 0) apt([...install, ...packagesOf(needed)]);
  for (const one of wished) apt([...install, ...one.packages], { allowFailure: true });
}

function packagesOf(requirements) {
  return [...new Set(requirements.flatMap(requirement => requirement.packages))];
}

/** Whether this machine's distribution has the packages, as far as its lists tell. */
function isKnown({ packages }) {
  const shown = spawnSync('apt-cache', ['show', ...packages], { stdio: 'ignore' });
  const pkgnames = spawnSync('apt-cache', ['pkgnames', 'a'], { encoding: 'utf8' });
  const hasLists = (pkgnames.stdout ?? '').split('\n').length > 100;
  return shown.status === 0 || (pkgnames.status === 0 && !hasLists);
}

async function askFirst(question) {
  if (!process.stdin.isTTY || process.env.CI) return;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`crossbpf: ${question} [Y/n] `);
  terminal.close();
  if (/^n/i.test(answer.trim())) fail('nothing was installed');
}

function requireGo() {
  if (!inPath('go'))
    fail(
      'Go is missing; install it (https://go.dev/dl, or the golang package of your distribution)',
    );
}

function installDependencies() {
  const installed = path.join(root, 'node_modules/.package-lock.json');
  const lock = path.join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say('installing dependencies (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { quiet: true });
}

/** The harness builds it too when it is missing; here its errors are seen before anything boots. */
function buildAgent() {
  if (runNode([path.join(root, 'scripts/build-agent.mjs')]) !== 0) process.exit(3);
}

/** Without the bundle everything works too, only slower to start. */
function buildBundle() {
  if (runNode([path.join(root, 'scripts/build.mjs')]) !== 0) process.exit(3);
}

function run(command, args, { quiet = false, allowFailure = false, ...options } = {}) {
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit';
  const ended = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio, ...options });
  if (ended.status === 0 || allowFailure) return ended.status ?? 1;
  if (quiet) process.stderr.write(`${ended.stdout ?? ''}${ended.stderr ?? ''}`);
  return fail(
    `${command} ${args.join(' ')} failed${ended.error ? `: ${ended.error.message}` : ''}`,
  );
}

function inPath(command) {
  return pathFolders().some(folder => existsSync(path.join(folder, command)));
}

function newestClang() {
  const names = pathFolders().flatMap(folder => (existsSync(folder) ? readdirSync(folder) : []));
  const majors = names.map(name => Number(/^clang-(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...majors);
}

function hasLibrary(name) {
  const folders = [
    '/usr/lib',
    '/usr/lib/x86_64-linux-gnu',
    '/usr/lib/aarch64-linux-gnu',
    '/usr/lib64',
  ];
  return folders.some(folder => existsSync(path.join(folder, name)));
}

function pathFolders() {
  return (process.env.PATH ?? '').split(path.delimiter);
}

function say(text) {
  process.stderr.write(`crossbpf: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(3);
}
