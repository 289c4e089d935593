import type { ProgramTypes } from '../fixtures/program-types.ts';
import { type CheckTarget, type Tables, whyUnknown } from './check-target.ts';
import { examineObjects } from './examine.ts';
import { type ByVersion, type Floor, floorOfSet, linuxFloor, windowsFloor } from './floor.ts';
import { judgeOnLinux } from './judge-linux.ts';
import { judgeOnWindows } from './judge-windows.ts';
import { collectKernelTypes, type KernelTypes, typesOf } from './kernel-types.ts';
import type { NeededProgram, ObjectNeeds } from './needs.ts';
import { Judgement, type Prediction } from './prediction.ts';
import { withTypesSince } from './types-since.ts';

/** An object to check: its file, and what to call it. */
export interface CheckedFile {
  readonly id: string;
  /** As the user named it. */
  readonly file: string;
  /** Where its bytes are. */
  readonly path: string;
  /** The types of programs whose section does not say it. */
  readonly types?: ProgramTypes;
}

/** A file that no object could be made of, or taken from. */
export interface BrokenFile {
  readonly id: string;
  readonly file: string;
  readonly error: string;
}

export interface CheckOptions {
  readonly files: readonly CheckedFile[];
  /** Files that there is no object of, each with the reason. */
  readonly broken?: readonly BrokenFile[];
  readonly targets: readonly CheckTarget[];
  readonly tables: Tables;
  readonly cacheRoot: string;
  readonly packageRoot: string;
  readonly signal?: AbortSignal | undefined;
}

/** What the tables say of one program. */
export interface CheckedProgram {
  readonly name: string;
  readonly type: string;
  readonly section: string;
  /** By target. */
  readonly predictions: ReadonlyMap<string, Prediction>;
  readonly linux: Floor;
  readonly windows: Floor;
}

export interface CheckedObject extends Omit<CheckedFile, 'path'> {
  /** Why it is no BPF object; null for one. */
  readonly error: string | null;
  readonly programs: readonly CheckedProgram[];
}

export interface CheckResult {
  readonly targets: readonly CheckTarget[];
  /** The build whose types were looked into, by target of Linux; null where none is at hand. */
  readonly types: ReadonlyMap<string, string | null>;
  readonly objects: readonly CheckedObject[];
  /** Of all programs together; null for none, and for Windows where no target is. */
  readonly linux: Floor | null;
  readonly windows: Floor | null;
}

/** Says of every program what stops it on each target, and from where on it loads. Nothing is loaded anywhere. */
export async function checkObjects(options: CheckOptions): Promise<CheckResult> {
  const { files, targets, tables, cacheRoot, packageRoot, signal } = options;
  const known = await collectKernelTypes(cacheRoot);
  const types = chooseTypes([...targets, ...floorTargets(tables)], known);
  const kernels = [...new Set([...types.values()].filter(each => each !== undefined))];
  const answers = await examineObjects({
    objects: files.map(({ path }) => path),
    types: Object.fromEntries(files.map(({ path, types = {} }) => [path, types])),
    kernels: kernels.map(({ file, upstream }) => ({ id: file, types: file, version: upstream })),
    ...{ packageRoot, signal },
  });
  const checker = new Checker(tables, types);
  const broken = options.broken ?? [];
  const checked = files.map((file, index) => checker.object(file, answers[index], targets));
  const objects = [...checked, ...broken.map(each => ({ ...each, programs: [] }))];
  if (broken.length > 0) objects.sort((a, b) => (a.file < b.file ? -1 : 1));
  const programs = objects.flatMap(object => object.programs);
  const isForWindows = targets.some(({ platform }) => platform === 'windows');
  const release = ({ id }: CheckTarget) => [id, types.get(id)?.release ?? null] as const;
  return {
    ...{ targets, objects },
    types: new Map(targets.filter(({ platform }) => platform === 'linux').map(release)),
    linux: floorOfSet(programs.map(({ linux }) => linux)),
    windows: isForWindows ? floorOfSet(programs.map(({ windows }) => windows)) : null,
  };
}

/** What floors are found by: every version that the tables have. */
function floorTargets({ linux, windows }: Tables): CheckTarget[] {
  return [
    ...linux.series.map(
      version => ({ id: `floor ${version}`, platform: 'linux', version }) as const,
    ),
    ...windows.versions.map(
      version => ({ id: `floor windows ${version}`, platform: 'windows', version }) as const,
    ),
  ];
}

function chooseTypes(targets: readonly CheckTarget[], known: readonly KernelTypes[]) {
  const linux = targets.filter(({ platform }) => platform === 'linux');
  return new Map(linux.map(({ id, version }) => [id, typesOf(known, version)]));
}

class Checker {
  readonly #tables: Tables;
  readonly #types: ReadonlyMap<string, KernelTypes | undefined>;
  readonly #floorTargets: readonly CheckTarget[];
  readonly #options = new Map<string, ReadonlyMap<string, string>>();

  constructor(tables: Tables, types: ReadonlyMap<string, KernelTypes | undefined>) {
    this.#tables = tables;
    this.#types = types;
    this.#floorTargets = floorTargets(tables);
  }

  object(
    file: CheckedFile,
    answer: ObjectNeeds | undefined,
    targets: readonly CheckTarget[],
  ): CheckedObject {
    const programs = answer?.programs ?? [];
    return {
      ...{ id: file.id, file: file.file },
      error: answer?.error ?? null,
      programs: programs.map(program => this.#program(answer as ObjectNeeds, program, targets)),
    };
  }

  #program(
    object: ObjectNeeds,
    program: NeededProgram,
    targets: readonly CheckTarget[],
  ): CheckedProgram {
    const judged = new Map<string, Prediction>();
    const judge = (target: CheckTarget) => {
      const key = `${target.platform} ${target.version}`;
      const known = judged.get(key) ?? this.#judge(object, program, target);
      judged.set(key, known);
      return known;
    };
    const all = this.#floorTargets;
    const versions = (platform: CheckTarget['platform']): ByVersion =>
      all
        .filter(target => target.platform === platform)
        .map(target => ({ version: target.version, prediction: judge(target) }));
    const { name, type, section } = program;
    const linux = versions('linux');
    const complete = (prediction: Prediction) => withTypesSince(prediction, linux);
    return {
      ...{ name, type, section },
      predictions: new Map(targets.map(target => [target.id, complete(judge(target))])),
      linux: linuxFloor(linux),
      windows: windowsFloor(versions('windows')),
    };
  }

  #judge(object: ObjectNeeds, program: NeededProgram, target: CheckTarget): Prediction {
    const { version, platform, id } = target;
    const why = whyUnknown(target, this.#tables);
    if (why !== undefined) {
      const judgement = new Judgement();
      judgement.unknown(`Linux ${version}`, { why });
      return judgement.prediction();
    }
    if (platform === 'windows') {
      return judgeOnWindows(object, program, { table: this.#tables.windows, version });
    }
    const types = this.#types.get(id);
    return judgeOnLinux(object, program, {
      ...{ table: this.#tables.linux, version },
      finding: types === undefined ? undefined : program.kernels[types.file],
      options: types === undefined ? undefined : this.#optionsOf(types),
    });
  }

  #optionsOf({ file, config }: KernelTypes): ReadonlyMap<string, string> | undefined {
    if (config === null) return undefined;
    const known = this.#options.get(file) ?? readOptions(config);
    this.#options.set(file, known);
    return known;
  }
}

function readOptions(config: string): Map<string, string> {
  const lines = config.split('\n').filter(line => line.startsWith('CONFIG_'));
  return new Map(lines.map(line => line.split('=', 2) as [string, string]));
}
