import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decompressorFor } from './decompress.ts';
import { type ModuleInfo, moduleName, readModuleInfo } from './module-info.ts';

/** A module, uncompressed. */
export interface LoadedModule {
  readonly name: string;
  readonly data: Buffer;
}

export interface ModuleChoice {
  /** What was wanted and all that it needs, in the order in which they must be loaded. */
  readonly modules: readonly LoadedModule[];
  /** What was wanted and is neither here nor built in. */
  readonly missing: readonly string[];
}

/** Where modules come from; stands between the order of loading and the files of a package. */
export interface ModuleSource {
  isBuiltIn(name: string): boolean;
  /** The module of that name, uncompressed; undefined if there is none. */
  read(name: string): Promise<Buffer | undefined>;
}

/** Picks the wanted modules and what they need. */
export async function chooseModules(
  wanted: readonly string[],
  source: ModuleSource,
): Promise<ModuleChoice> {
  const loaded = new Map<string, Buffer>();
  const visited = new Set<string>();
  const add = async (name: string): Promise<boolean> => {
    if (visited.has(name) || source.isBuiltIn(name)) {
      return true;
    }
    visited.add(name);
    const data = await source.read(name);
    if (data === undefined) {
      visited.delete(name);
      return false;
    }
    const { depends, wants }: ModuleInfo = readModuleInfo(data);
    for (const needed of [...wants, ...depends]) {
      await add(needed);
    }
    loaded.set(name, data);
    return true;
  };
  const missing: string[] = [];
  for (const name of wanted.map(moduleName)) {
    if (!(await add(name))) {
      missing.push(name);
    }
  }
  const modules = [...loaded].map(([name, data]) => ({ name, data }));
  return { modules, missing: [...new Set(missing)] };
}

/** The modules in a folder such as `lib/modules/RELEASE`, `*.ko`, `*.ko.xz`, `*.ko.zst` or `*.ko.gz`. */
export async function openModuleFolder(
  folder: string,
  signal?: AbortSignal,
): Promise<ModuleSource> {
  const builtIn = await readFile(join(folder, 'modules.builtin'), 'utf8').catch(() => '');
  const builtInNames = new Set(builtIn.split('\n').map(line => moduleName(basename(line))));
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const paths = new Map(
    files
      .filter(file => /\.ko(?:\.(?:xz|zst|gz))?$/.test(file))
      .map(file => [moduleName(basename(file)), join(folder, file)]),
  );
  return {
    isBuiltIn: name => builtInNames.has(name),
    async read(name) {
      const path = paths.get(name);
      if (path === undefined) {
        return undefined;
      }
      const data = await readFile(path);
      return (await decompressorFor(data)?.(data, signal)) ?? data;
    },
  };
}
