import { z } from 'zod';
import { remotesSchema } from './machine.ts';

/** The five kernels that a configuration without `targets` runs on. */
export const DEFAULT_TARGETS = [
  'linux@5.10',
  'linux@6.1',
  'linux@6.12',
  'linux@6.18',
  'linux@7',
] as const;

/** What a timer of Node can wait, in seconds, is a little more (2³¹ ms). */
export const MAX_SECONDS = 2_000_000;

const percent = z.string().regex(/^\+?\d+(\.\d+)?%$/, "expected a percentage, such as '+5%'");

/** `crossbpf.config.ts`. Every key has a default; an unknown one is an error. */
export const configSchema = z.strictObject({
  /** Where to run when no `--target` is given. */
  targets: z
    .array(z.string())
    .min(1)
    .default([...DEFAULT_TARGETS]),
  /**
   * Files, folders or globs to run when no fixture is named, relative to the configuration. A folder holds `.bpf.c` and
   * `.o` files; a glob that ends in `.c` takes C files of any name: `src/*_kern.c`.
   */
  fixtures: z.array(z.string()).min(1).default(['fixtures']),
  /**
   * Fixtures that are one object linked of several sources, by name: `{ probe: ['bpf/probe.bpf.c', 'bpf/events/*.bpf.c'] }`.
   * A scenario is beside the first source. `crossbpf run probe` runs that one.
   */
  link: z.record(z.string(), z.array(z.string()).min(1)).default({}),
  compiler: z
    .strictObject({
      /** The clang to use; default: `$CLANG`, else the newest `clang-N` in PATH, else `clang`. */
      command: z.string().optional(),
      /** Flags for all sources. `-D__TARGET_ARCH_x86` (or as the targets are) is there, unless one of them says another. */
      flags: z.array(z.string()).default(['-O2', '-g', '-mcpu=v3', '-Wall']),
      /**
       * Folders for `#include`, relative to the configuration or absolute. Where a source includes `vmlinux.h` and none of
       * them has it, it is that of the newest kernel of `targets`.
       */
      include: z.array(z.string()).default([]),
    })
    .prefault({}),
  /**
   * Files, and folders of files, that scenarios may send to a guest (`trigger.run`, `file` of a uprobe), beside those in
   * the fixture's own folder; relative to the configuration.
   */
  scenarioFiles: z.array(z.string()).default([]),
  /** Machines that are targets, by name: `{ 'windows@1.5': 'windows-ssh:ci@winbox' }`. */
  remotes: remotesSchema.default({}),
  /** How many guests run at once; default: one for each core. */
  jobs: z.number().int().positive().optional(),
  /** A fresh guest for each fixture, or one for all fixtures of a target. */
  isolation: z.enum(['fixture', 'target']).default('fixture'),
  /** Seconds that one fixture may take on one target. */
  timeout: z.number().positive().max(MAX_SECONDS).default(120),
  /** A guest's memory in MiB. */
  memory: z.number().int().min(128).default(512),
  /** What the verifier may process of a program (`insns`), on top of what fixtures expect. */
  baseline: z
    .strictObject({
      /** How much more than `crossbpf.baseline.json` says; so much less is told as an improvement. */
      insns: percent.default('+5%'),
      /** At most so many instructions, with a baseline or without. */
      maxInsns: z.number().int().positive().optional(),
      /** At most such a part of the one million instructions that the verifier allows: `80%`. */
      nearLimit: percent.optional(),
    })
    .prefault({}),
});

/** As the run uses it: every default filled in. */
export type Config = z.output<typeof configSchema>;

/** As a user writes it. */
export type UserConfig = z.input<typeof configSchema>;
