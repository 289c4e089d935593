import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { locateAgentBinary } from '../../harness/agent/agent-binary.ts';
import { hostPlatform } from '../../harness/agent/host-platform.ts';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import { reportSchema } from '../../harness/report/report-schema.ts';
import type { TargetFacts } from '../../harness/targets/connection.ts';
import { createMachineTarget } from '../../harness/targets/machine-target.ts';
import { PACKAGE_ROOT } from '../support/command-line.ts';
import { compileProgram } from '../support/stage.ts';
import { buildStandIn, type StandIn } from './stand-in.ts';
import { openWindowsSandbox, overStdio, writeXdp } from './windows-sandbox.ts';
import { hasWine, openWine, type Wine, windowsPath } from './wine.ts';

const { signal } = new AbortController();
const locate = (platform: { os: 'linux' | 'windows'; arch: 'amd64' }) =>
  locateAgentBinary({ platform, packageRoot: PACKAGE_ROOT });

describe.skipIf(!hasWine)('the agent for Windows', () => {
  let wine: Wine;
  let agent: string;
  beforeAll(async () => {
    agent = await locate({ os: 'windows', arch: 'amd64' });
    wine = await openWine();
  }, 300_000);
  afterAll(() => wine?.[Symbol.asyncDispose]());

  /** What a target says of this machine. */
  async function greet(variables: Readonly<Record<string, string>>, launcher: string[] = []) {
    const command = [...launcher, ...wine.command, '{agent}', 'serve'];
    const target = createMachineTarget(
      {
        ...{ kind: 'machine', id: 'windows@wine', platform: 'windows', version: null },
        machine: { kind: 'windows-command', command },
      },
      {
        ...{ folder: wine.folder, packageRoot: PACKAGE_ROOT, cacheRoot: wine.folder, memoryMiB: 0 },
        ...{ environment: { ...process.env, ...variables }, accel: 'auto', fresh: false, signal },
        ...{ onSnapshot: () => {}, onProgress: () => {}, agentFor: async () => agent },
      },
    );
    await using connection = await target.open(signal);
    return connection.facts;
  }

  const refused = (variables: Readonly<Record<string, string>>): Promise<CrossbpfError> =>
    greet(variables).then(
      () => expect.unreachable('it answered'),
      thrown => (thrown instanceof CrossbpfError ? thrown : Promise.reject(thrown)),
    );

  test('describes an object as the agent for Linux does', async () => {
    const object = path.join(wine.folder, 'typed values.o');
    await writeFile(
      object,
      await compileProgram(path.join(PACKAGE_ROOT, 'fixtures/typed-values.bpf.c')),
    );
    const here = await execa(
      await locateAgentBinary({ platform: hostPlatform(), packageRoot: PACKAGE_ROOT }),
      [...['inspect', object]],
    );
    const there = await wine.run([agent, 'inspect', windowsPath(object)]);
    expect(there.exitCode).toBe(0);
    expect(there.stdout).toContain('"name": "write"');
    expect(there.stdout).toBe(here.stdout);
  });

  test('says what is wrong with what is no object, and with a command line', async () => {
    const file = path.join(wine.folder, 'text.o');
    await writeFile(file, 'a text');
    const answer = await wine.run([agent, 'inspect', windowsPath(file)]);
    expect(answer.exitCode).toBe(2);
    expect(answer.stderr).toContain(`crossbpf-agent: ${windowsPath(file)}: `);
    expect(await wine.run([agent, 'bake'])).toMatchObject({
      ...{ exitCode: 2, stderr: expect.stringMatching(/^usage: crossbpf-agent inspect OBJECT/) },
    });
  });

  test('its own tests pass, but for those that compile programs', async () => {
    const env = { CGO_ENABLED: '0', GOOS: 'windows', GOARCH: 'amd64' };
    for (const name of ['efw', 'names']) {
      const file = path.join(wine.folder, `${name}.test.exe`);
      await execa('go', ['test', '-c', '-o', file, `./${name}`], {
        ...{ cwd: path.join(PACKAGE_ROOT, 'agent'), env },
      });
      const { stdout, exitCode } = await wine.run([file, '-test.v', '-test.skip=Localize']);
      expect(exitCode, stdout).toBe(0);
      expect(stdout.match(/^--- PASS/gm)?.length).toBeGreaterThan(3);
    }
  });

  test('without eBPF for Windows: where to get it', async () => {
    const { code, summary } = await refused(wine.environment);
    expect(code).toBe('INFRA_TARGET_NOT_READY');
    expect(summary).toMatch(/eBPF for Windows is not installed: ebpfapi\.dll was not found/);
    expect(summary).toMatch(/Install eBPF for Windows .* restart sshd first/);
  });

  test('with a library that Windows does not load', async () => {
    const folder = path.join(wine.folder, 'broken');
    await mkdir(folder);
    await writeFile(path.join(folder, 'ebpfapi.dll'), 'no library');
    const { code, summary } = await refused({
      ...wine.environment,
      WINEPATH: windowsPath(folder),
    });
    expect(code).toBe('INFRA_TARGET_NOT_READY');
    expect(summary).toMatch(/ebpfapi\.dll cannot be loaded: /);
  });

  test('with a library in the folder that it is started in, which is anybody’s', async () => {
    const folder = path.join(wine.folder, 'started in');
    await mkdir(folder);
    await writeFile(path.join(folder, 'ebpfapi.dll'), 'no library');
    const launcher = ['env', '-C', folder];
    await expect(greet(wine.environment, launcher)).rejects.toThrow('ebpfapi.dll was not found');
  });

  describe('with the stand-in for eBPF for Windows', () => {
    let standIn: StandIn;
    beforeAll(async () => {
      standIn = await buildStandIn(wine);
    }, 300_000);
    beforeEach(() => standIn.plan());

    const warnings = async (variables: Readonly<Record<string, string>> = {}) =>
      (await greet({ ...standIn.environment, ...variables })).warnings.join('\n');

    test('says what it is, and of which version', async () => {
      expect(await greet(standIn.environment)).toEqual({
        ...{ platform: 'windows', mode: 'remote', accel: null, start: null, arch: 'x86_64' },
        release: expect.stringMatching(/^10\.0\.\d+/),
        runtime: { name: 'stand-in for eBPF for Windows', version: '1.5.0' },
        ...{ startMs: expect.any(Number), warnings: expect.any(Array) },
      } satisfies Record<keyof TargetFacts, unknown>);
    });

    test('finds it where the installer puts it, too', async () => {
      const installed = path.join(
        wine.environment['WINEPREFIX'] ?? '',
        'drive_c/Program Files/ebpf-for-windows',
      );
      await mkdir(installed);
      const [, built = ''] = /^Z:(.*)$/.exec(standIn.environment['WINEPATH'] ?? '') ?? [];
      await copyFile(
        path.join(built.replaceAll('\\', '/'), 'ebpfapi.dll'),
        path.join(installed, 'ebpfapi.dll'),
      );
      expect((await greet(wine.environment)).runtime?.version).toBe('1.5.0');
    });

    test('without its driver: verified only', async () => {
      await standIn.plan('no-driver');
      expect(await warnings()).toMatch(
        /programs are verified, not loaded: the driver eBPFCore does not answer \(ENOENT\): eBPFCore is not installed/,
      );
    });

    test('without the SDK: verified only, or only what has no variables', async () => {
      const without = { CROSSBPF_EBPF_SDK: windowsPath(wine.folder) };
      const missing = /not loaded: no native images can be made: there is no Convert-BpfToNative/;
      expect(await warnings(without)).toMatch(missing);
      expect(await warnings(without)).toMatch(/programs are verified/);
      await standIn.plan('takes-instructions');
      expect(await warnings(without)).toMatch(missing);
      expect(await warnings(without)).toMatch(/programs with global variables are verified/);
    });

    test('says that nothing has registered its types of programs, until something has', async () => {
      const none = /no program types are registered: run export_program_info\.exe/;
      expect(await warnings()).toMatch(none);
      const key = 'HKLM\\Software\\eBPF\\Providers\\SectionData\\xdp';
      await wine.run(['reg', 'add', key, '/v', 'BpfProgramType', '/t', 'REG_DWORD', '/d', '1']);
      expect(await warnings()).not.toMatch(none);
    });

    /** Runs one program, and gives the report of the only column. */
    async function load(variables: Readonly<Record<string, string>> = {}) {
      await using sandbox = await openWindowsSandbox({ 'windows@stand-in': overStdio(wine) });
      await writeXdp(sandbox, 'runs', 'return XDP_PASS;');
      const { stdout, stderr } = await sandbox.run(
        ['run', 'runs.bpf.c', '-t', 'windows@stand-in', '--reporter', 'json'],
        { ...standIn.environment, ...variables },
      );
      if (stdout === '') expect.fail(stderr);
      const [fixture] = reportSchema.parse(JSON.parse(stdout)).fixtures;
      return fixture?.results['windows@stand-in']?.programs['runs'];
    }

    test.each([
      [6, /EBPF_INVALID_ARGUMENT: native images that are made here are not loaded, as test sig/],
      [14, /EBPF_RPC_EXCEPTION: the service eBPFSvc does not answer: .*eBPFSvc is not installed/],
      [20, /EBPF_ACCESS_DENIED: the agent needs an administrator's rights/],
    ])(
      'an image that is not loaded, with the result %i: verified, and why',
      async (result, why) => {
        await standIn.plan(`image-result ${result}`);
        expect(await load()).toMatchObject({
          ...{ verdict: 'accept', origin: 'verifier', notLoaded: expect.stringMatching(why) },
        });
      },
    );

    test('an object that is not converted: verified, and what the converter said last', async () => {
      const sdk = path.join(wine.folder, 'sdk without a kit');
      await mkdir(sdk);
      await writeFile(path.join(sdk, 'Convert-BpfToNative.ps1'), 'throw there is no driver kit');
      const why = /Convert-BpfToNative\.ps1: exit status 1: .*: there is no driver kit$/;
      expect(await load({ CROSSBPF_EBPF_SDK: windowsPath(sdk) })).toMatchObject({
        ...{ verdict: 'accept', origin: 'verifier', notLoaded: expect.stringMatching(why) },
      });
    });

    test('instructions are loaded where there is no SDK and the installation takes them', async () => {
      await standIn.plan('takes-instructions');
      const without = { CROSSBPF_EBPF_SDK: windowsPath(wine.folder) };
      expect(await load(without)).toMatchObject({ verdict: 'accept', origin: 'jit' });
    });
  });
});
