import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { compileLibrary, type Wine, windowsPath } from './wine.ts';

/** The stand-in for an installation of eBPF for Windows, and for its SDK. */
export interface StandIn {
  /** What finds it: it is in PATH, as the installer puts the real one there. */
  readonly environment: Readonly<Record<string, string>>;
  /** Tells it what to do: lines as ebpfapi/plan.c describes them. */
  plan(...lines: readonly string[]): Promise<void>;
}

const LIBRARY = path.join(import.meta.dirname, 'ebpfapi');

/** Builds it into a folder of the Windows that it is for. */
export async function buildStandIn({ folder, environment }: Wine): Promise<StandIn> {
  const at = (name: string) => path.join(folder, 'ebpf-for-windows', name);
  await mkdir(at('sdk'), { recursive: true });
  await Promise.all([buildLibrary(at), buildConverter(at)]);
  // What would run it is the stand-in's own powershell.exe.
  await writeFile(at('sdk/Convert-BpfToNative.ps1'), '# a stand-in\n');
  const plan = (...lines: readonly string[]) => writeFile(at('ebpfapi.plan'), lines.join('\n'));
  await plan();
  return {
    environment: {
      ...environment,
      ...{ WINEPATH: windowsPath(at('')), CROSSBPF_EBPF_SDK: windowsPath(at('sdk')) },
    },
    plan,
  };
}

type Place = (name: string) => string;

async function buildLibrary(at: Place): Promise<void> {
  const names = (await readdir(LIBRARY)).filter(name => name.endsWith('.c'));
  const resource = at('resource.o');
  await execa('x86_64-w64-mingw32-windres', [path.join(LIBRARY, 'standin.rc'), resource]);
  const sources = names.map(name => path.join(LIBRARY, name));
  await compileLibrary(at('ebpfapi.dll'), [...sources, resource]);
  await rm(resource);
}

async function buildConverter(at: Place): Promise<void> {
  await execa('go', ['build', '-trimpath', '-buildvcs=false', '-o', at('powershell.exe'), '.'], {
    cwd: path.join(import.meta.dirname, 'converter'),
    env: { CGO_ENABLED: '0', GOOS: 'windows', GOARCH: 'amd64' },
  });
  await copyFile(at('powershell.exe'), at('msbuild.exe'));
}
