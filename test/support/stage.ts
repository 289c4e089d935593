import path from 'node:path';
import type { PlayOptions } from '../../harness/agent/agent-session.ts';
import type { DumpReply, StepReply, WireStep } from '../../harness/agent/play-messages.ts';
import { compileFixture } from '../../harness/fixtures/compile.ts';
import { compileFlags } from '../../harness/fixtures/compile-flags.ts';
import { findCompiler } from '../../harness/fixtures/find-compiler.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import type { Connection, Target } from '../../harness/targets/connection.ts';
import { createTargets } from '../../harness/targets/create-targets.ts';
import type { TargetContext } from '../../harness/targets/target-context.ts';
import { PACKAGE_ROOT } from './command-line.ts';

/** Compiles one C source for BPF, as a fixture without directives is. */
export async function compileProgram(file: string): Promise<Buffer> {
  const compiler = await findCompiler({ environment: process.env });
  const flags = compileFlags(
    { file },
    {
      ...{ compiler: { flags: ['-O2', '-g', '-mcpu=v3', '-Wall', '-Werror'], include: [] } },
      ...{ own: [], hostArch: process.arch, platform: 'linux', packageRoot: PACKAGE_ROOT },
    },
  );
  const root = path.dirname(file);
  const outcome = await compileFixture(file, { compiler, flags, root });
  if (outcome.kind === 'failed') throw new Error(outcome.diagnostics);
  return outcome.object;
}

/** Targets by their names. Nothing is started yet. */
export async function findTargets(
  names: readonly string[],
  options: Pick<TargetContext, 'spares'> = {},
): Promise<Map<string, Target>> {
  const { signal } = new AbortController();
  const planned = await createTargets(names, {
    ...{ folder: PACKAGE_ROOT, packageRoot: PACKAGE_ROOT, cacheRoot: cacheRoot(process.env) },
    ...{ environment: process.env, memoryMiB: 512, accel: 'auto', fresh: false, signal },
    ...{ onSnapshot: () => {}, onProgress: () => {}, ...options },
  });
  return new Map(
    planned.map((plan, index) => {
      if (plan.kind === 'failed') throw plan.error;
      return [names[index] ?? plan.target.id, plan.target];
    }),
  );
}

/** All that came of a scenario. */
export interface Performance {
  readonly steps: readonly StepReply[];
  readonly dumps: Readonly<Record<string, DumpReply>>;
  readonly failure: string;
  readonly kernelLog: readonly string[];
}

/** What a test says of a scenario; the rest has defaults. */
export type Play = Partial<PlayOptions> & {
  readonly object: Buffer;
  readonly steps: readonly WireStep[];
};

export async function perform(connection: Connection, play: Play): Promise<Performance> {
  const answers = connection.play({
    ...{ name: 'test', programs: [], variables: [], files: [], dumps: [] },
    ...{ dumpEntries: 1000, dumpBytes: 20_000, stepTimeoutMs: 10_000 },
    ...play,
    steps: [...play.steps],
  });
  const steps: StepReply[] = [];
  const dumps: Record<string, DumpReply> = {};
  let next = await answers.next();
  for (; !next.done; next = await answers.next()) {
    if (next.value.type === 'step') steps.push(next.value);
    else dumps[next.value.map] = next.value;
  }
  const { failure, kernelLog } = next.value;
  return { steps, dumps, failure, kernelLog };
}

type RunStep = Extract<WireStep, { kind: 'run' }>;

/** A test run of a program, of which what a test is about is given. */
export function runStep(program: string, rest: Partial<RunStep> = {}): RunStep {
  const none = { data: null, ctx: null, repeat: 1, cpu: null, dataOutBytes: 0 };
  return { kind: 'run', program, ...none, ...rest };
}
