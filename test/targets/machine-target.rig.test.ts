import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { locateAgentBinary } from '../../harness/agent/agent-binary.ts';
import { hostPlatform } from '../../harness/agent/host-platform.ts';
import type { Machine } from '../../harness/config/machine.ts';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import { openTempFolder, type TempFolder } from '../../harness/storage/temp-folder.ts';
import { createMachineTarget } from '../../harness/targets/machine-target.ts';
import { PACKAGE_ROOT } from '../support/command-line.ts';
import { type LoopbackSsh, openLoopbackSsh } from '../support/loopback-ssh.ts';

const STAND_INS = path.join(import.meta.dirname, 'stand-ins');
const { signal } = new AbortController();

let agent: string;
let folder: TempFolder;
beforeAll(async () => {
  agent = await locateAgentBinary({ platform: hostPlatform(), packageRoot: PACKAGE_ROOT });
  folder = await openTempFolder('machines');
});
afterAll(() => folder[Symbol.asyncDispose]());

interface Place {
  readonly machine: Machine;
  readonly version?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly notices?: string[];
}

/** Opens a machine's target once, and says what came of it. */
async function open({ machine, version, environment = {}, notices = [] }: Place) {
  const platform = machine.kind.startsWith('windows') ? 'windows' : 'linux';
  const name = { kind: 'machine', id: 'it', platform, version: version ?? null, machine } as const;
  const target = createMachineTarget(name, {
    ...{ folder: folder.path, packageRoot: PACKAGE_ROOT, cacheRoot: folder.path, memoryMiB: 0 },
    ...{ environment: { ...process.env, ...environment }, accel: 'auto', fresh: false, signal },
    ...{ onSnapshot: () => {}, onProgress: () => {}, agentFor: async () => agent },
    onNotice: (_, message) => notices.push(message),
  });
  try {
    await using connection = await target.open(signal);
    return connection.facts;
  } catch (thrown) {
    if (!(thrown instanceof CrossbpfError)) throw thrown;
    return { code: thrown.code, summary: thrown.summary };
  }
}

/** A server whose shell stands in for that of Windows. */
async function openWindows(home: string, probe: string): Promise<LoopbackSsh> {
  const shell = path.join(STAND_INS, 'windows-shell.sh');
  return openLoopbackSsh({
    settings: () => [`ForceCommand ${shell} "${home}" "${agent}" '${probe}'`],
  });
}

const CMD = 'crossbpf=Windows_NT=AMD64=$PSHOME';

test('windows-ssh copies the agent once, and starts it by a path that needs no quotes', async () => {
  const home = path.join(folder.path, 'C Users Some One');
  await mkdir(home);
  await using ssh = await openWindows(home, CMD);
  const machine = { kind: 'windows-ssh', host: 'loopback', sshConfig: ssh.config } as const;
  // What answers is an agent for Linux, after all.
  const answer = {
    code: 'INFRA_OTHER_PLATFORM',
    summary: expect.stringContaining('for linux answers'),
  };
  expect(await open({ machine })).toEqual(answer);
  const [name = '', ...others] = await readdir(path.join(home, 'AppData/Local/crossbpf'));
  expect([name, others]).toEqual([expect.stringMatching(/^agent-[0-9a-f]{32}\.exe$/), []]);
  const copied = await readFile(path.join(home, 'AppData/Local/crossbpf', name));
  expect(copied.equals(await readFile(agent))).toBe(true);
  expect(await open({ machine })).toEqual(answer);
  const commands = (await readFile(path.join(home, 'commands'), 'utf8')).trim().split('\n');
  const probe = 'echo crossbpf=%OS%=%PROCESSOR_ARCHITECTURE%=$PSHOME';
  const [sftp, serve] = ['internal-sftp', `AppData\\Local\\crossbpf\\${name} serve`];
  expect(commands).toEqual([probe, sftp, sftp, serve, probe, sftp, serve]);
});

test.each([
  ['crossbpf=%OS%=%PROCESSOR_ARCHITECTURE%=C:\\Windows\\v1.0', 'INFRA_WINDOWS_SHELL', /cmd\.exe/],
  ['crossbpf=Windows_NT=x86=$PSHOME', 'INFRA_NO_AGENT', /x86 machine/],
  ['Good morning', 'INFRA_OTHER_PLATFORM', /does not answer as Windows does: Good morning/],
])('a Windows machine that says %s', async (probe, code, message) => {
  await using ssh = await openWindows(folder.path, probe);
  const machine = { kind: 'windows-ssh', host: 'loopback', sshConfig: ssh.config } as const;
  expect(await open({ machine })).toEqual({ code, summary: expect.stringMatching(message) });
});

test('an agent that cannot be copied to Windows', async () => {
  const home = path.join(folder.path, 'no room');
  await mkdir(home);
  await writeFile(path.join(home, 'AppData'), 'a file');
  await using ssh = await openWindows(home, CMD);
  const machine = { kind: 'windows-ssh', host: 'loopback', sshConfig: ssh.config } as const;
  const summary = expect.stringMatching(/the agent cannot be copied to loopback: .*AppData/);
  expect(await open({ machine })).toEqual({ code: 'INFRA_AGENT_COPY', summary });
});

test('an agent that cannot be copied to Linux', async () => {
  await using ssh = await openLoopbackSsh();
  await writeFile(ssh.cache, 'a file');
  const machine = { kind: 'linux-ssh', host: 'loopback', sshConfig: ssh.config } as const;
  const summary = expect.stringMatching(/the agent cannot be copied to loopback: mkdir: .*cache/);
  expect(await open({ machine })).toEqual({ code: 'INFRA_AGENT_COPY', summary });
});

test('ssh that is not installed, and files that are not there', async () => {
  const machine = { kind: 'linux-ssh', host: 'loopback' } as const;
  const PATH = path.join(folder.path, 'empty');
  await mkdir(PATH);
  await copyFile('/usr/bin/setpriv', path.join(PATH, 'setpriv'));
  expect(await open({ machine, environment: { PATH } })).toMatchObject({ code: 'INFRA_NO_SSH' });
  const identity = path.join(folder.path, 'nowhere');
  expect(await open({ machine: { ...machine, identity } })).toEqual({
    code: 'USAGE_NO_SUCH_FILE',
    summary: `it: ${identity}: no such file. It is named among the remotes of the configuration.`,
  });
});

test('a command whose standard streams lead to an agent', async () => {
  const command = ['sh', '-c', 'exec "$0" serve', '{agent}'];
  const machine = { kind: 'linux-command', command } as const;
  expect(await open({ machine })).toMatchObject({ mode: 'remote', platform: 'linux' });
  const failing: Machine = {
    kind: 'linux-command',
    command: ['sh', '-c', 'echo no pod >&2; exit 4'],
  };
  const code = 'INFRA_AGENT_LOST';
  const summary = expect.stringMatching(/^it: the agent ended \(exit code 4\): no pod/);
  expect(await open({ machine: failing })).toEqual({ code, summary });
  const missing: Machine = { kind: 'windows-command', command: ['/no/such/wine', '{agent}'] };
  expect(await open({ machine: missing })).toMatchObject({
    code,
    summary: expect.stringMatching(/ENOENT/),
  });
});

test('linux-vagrant: up and saved the first time, restored the next, anew when its files change', async () => {
  await using ssh = await openLoopbackSsh();
  const boxes = path.join(folder.path, 'boxes');
  await mkdir(boxes);
  await writeFile(path.join(boxes, 'Vagrantfile'), 'one');
  await mkdir(path.join(folder.path, 'bin'));
  await copyFile(path.join(STAND_INS, 'vagrant.sh'), path.join(folder.path, 'bin/vagrant'));
  const log = path.join(folder.path, 'vagrant-log');
  const environment = {
    ...{ PATH: `${path.join(folder.path, 'bin')}:${process.env['PATH']}`, VAGRANT_LOG: log },
    SSH_CONFIG: ssh.config,
  };
  const machine = { kind: 'linux-vagrant', folder: 'boxes', machine: 'one' } as const;
  const commands = async () => {
    const text = await readFile(log, 'utf8');
    await rm(log);
    return text
      .trim()
      .split('\n')
      .map(line => line.replace(/crossbpf-[0-9a-f]{12}/, 'DIGEST'));
  };
  const notices: string[] = [];
  expect(await open({ machine, environment, notices })).toMatchObject({ mode: 'remote' });
  const first = [
    ...['snapshot list one (no version)', 'up --provision one (no version)'],
    ...['snapshot save --force one DIGEST (no version)', 'ssh-config one (no version)'],
  ];
  expect(await commands()).toEqual(first);
  expect(notices).toEqual(['vagrant up --provision, which can take long the first time']);
  await open({ machine, environment });
  expect(await commands()).toEqual([
    ...[
      'snapshot list one (no version)',
      'snapshot restore --no-provision one DIGEST (no version)',
    ],
    'ssh-config one (no version)',
  ]);
  await writeFile(path.join(boxes, 'Vagrantfile'), 'two');
  await open({ machine, environment });
  expect(await commands()).toEqual(first);
  await open({ machine, environment, version: '1.5' });
  expect((await commands())[1]).toBe('up --provision one (1.5)');
  await writeFile(path.join(boxes, 'broken'), '');
  expect(await open({ machine, environment })).toEqual({
    code: 'INFRA_VAGRANT',
    summary: `it: vagrant up --provision one failed in ${boxes}. Run it there by hand.`,
  });
  expect(await open({ machine: { ...machine, folder: 'nowhere' }, environment })).toMatchObject({
    code: 'USAGE_NO_VAGRANTFILE',
  });
});
