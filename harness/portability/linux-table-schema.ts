import { z } from 'zod';

/** Names by the series that they are in; see `presence.ts`. */
const namesByPresence = z.record(z.string(), z.array(z.string()));

/** The set of kinds of programs that a name is there for; many have the same. */
const kindSetByName = z.record(z.string(), z.string());

/** The kernel that a series was probed on. */
const build = z.strictObject({
  series: z.string(),
  /** What `uname -r` says. */
  release: z.string(),
  upstream: z.string(),
  arch: z.string(),
});

/**
 * What Linux has of BPF, by series: `linux-features.json`, which `npm run write:features` writes from what one build
 * of each series said. A series that is in a key stands for the build that `builds` names.
 */
export const linuxTableDocument = z.strictObject({
  schema: z.literal('crossbpf/linux-features@1'),
  /** Oldest first. */
  builds: z.array(build),
  programTypes: namesByPresence,
  attachTypes: namesByPresence,
  /** Kinds of programs as `agent/PROTOCOL.md` names them. */
  kinds: namesByPresence,
  mapTypes: namesByPresence,
  mapFlags: namesByPresence,
  /** `hash BPF_F_NO_PREALLOC`: a map of that type may have that flag. */
  mapTypeFlags: namesByPresence,
  instructions: namesByPresence,
  iterators: namesByPresence,
  structOps: namesByPresence,
  lsmHooks: namesByPresence,
  /** Those of the hooks at which a program may sleep. */
  sleepableHooks: namesByPresence,
  /** Types of maps for programs that may sleep. */
  sleepableMaps: namesByPresence,
  /** `xdp 4`: a program of that kind may return that number, of those from -1 to 4. */
  results: namesByPresence,
  /** Functions that the kernel has types of, and that are nowhere in it by themselves. */
  withoutAddress: namesByPresence,
  /** Limits as words: `stack of 512 bytes`, `bounded loops`. */
  limits: namesByPresence,
  /** `CONFIG_NET=y`. */
  config: namesByPresence,
  /** Kinds of programs by the series in which something is there for them. */
  kindSets: z.record(z.string(), namesByPresence),
  helpers: kindSetByName,
  kfuncs: kindSetByName,
  /** `read 4 at 76`: what programs of a kind may do with the struct that they are given. */
  contexts: kindSetByName,
  /** Kernel functions that only a program that may sleep may call. */
  sleepableKfuncs: namesByPresence,
  /** What probes had no clear answer to, and what the kernel said. */
  unknown: z.record(z.string(), z.record(z.string(), z.string())),
});
export type LinuxTableDocument = z.infer<typeof linuxTableDocument>;
export type LinuxBuild = z.infer<typeof build>;
