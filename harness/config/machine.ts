import path from 'node:path';
import { z } from 'zod';

/** Runs commands on a machine over the system's `ssh`. */
const sshFields = {
  /** `host` or `user@host`; a name of `~/.ssh/config` too. */
  host: z.string().regex(/^[^-\s/][^\s/]*$/, 'not a host: write user@host'),
  port: z.number().int().min(1).max(65535).optional(),
  /** The private key's file; default: what ssh itself would take. */
  identity: z.string().optional(),
  /** Taken instead of `~/.ssh/config`. */
  sshConfig: z.string().optional(),
};

const vagrantFields = {
  /** Where the Vagrantfile is; default: `vms/linux` or `vms/windows`. */
  folder: z.string().optional(),
  /** Which machine of the Vagrantfile; default: its only or primary one. */
  machine: z.string().optional(),
};

const commandFields = {
  /** What to run here; `{agent}` stands for the agent's file. Its standard streams must reach `agent serve`. */
  command: z.array(z.string()).min(1),
};

/** A machine that is there already, and how its agent is reached. */
const machineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('linux-host') }),
  z.strictObject({ kind: z.literal('windows-local') }),
  z.strictObject({ kind: z.literal('linux-ssh'), ...sshFields }),
  z.strictObject({ kind: z.literal('windows-ssh'), ...sshFields }),
  z.strictObject({ kind: z.literal('linux-vagrant'), ...vagrantFields }),
  z.strictObject({ kind: z.literal('windows-vagrant'), ...vagrantFields }),
  z.strictObject({ kind: z.literal('linux-command'), ...commandFields }),
  z.strictObject({ kind: z.literal('windows-command'), ...commandFields }),
]);

export type Machine = z.output<typeof machineSchema>;
export type SshMachine = Extract<Machine, { readonly host: string }>;
export type VagrantMachine = Extract<Machine, { readonly kind: `${string}-vagrant` }>;

/** `windows` of `windows-ssh`. */
export function platformOf({ kind }: Pick<Machine, 'kind'>): 'linux' | 'windows' {
  return kind.startsWith('windows') ? 'windows' : 'linux';
}

/** How machines are written without a configuration, for hints. */
export const MACHINE_EXAMPLES = [
  ...['linux-host', 'linux-ssh:user@host', 'linux-vagrant:FOLDER'],
  ...['windows-local', 'windows-ssh:user@host', 'windows-vagrant:FOLDER'],
];

/**
 * Reads a machine that is named without a configuration: `linux-host`, `windows-local`,
 * `windows-ssh:user@host`, `linux-ssh:user@host:2222`, `windows-vagrant`, `linux-vagrant:FOLDER`;
 * undefined for anything else.
 */
export function readMachine(text: string): Machine | undefined {
  if (text === 'linux-host' || text === 'windows-local') return { kind: text };
  const [, kind, rest] = /^((?:linux|windows)-(?:ssh|vagrant))(?::(.+))?$/.exec(text) ?? [];
  if (kind === 'linux-vagrant' || kind === 'windows-vagrant') {
    return rest === undefined ? { kind } : { kind, folder: rest };
  }
  if ((kind === 'linux-ssh' || kind === 'windows-ssh') && rest !== undefined) {
    const place = readHost(rest);
    return place === undefined ? undefined : { kind, ...place };
  }
  return undefined;
}

/** `user@host:2222`, `host`, `user@[fe80::1]:22`. */
function readHost(text: string): Pick<SshMachine, 'host' | 'port'> | undefined {
  const pattern =
    /^((?:[^@\s:/-][^@\s:/]*@)?)(?:\[([^\]\s/]+)\]|([^:\s[\]@/-][^:\s[\]@/]*))(?::(\d+))?$/;
  const [, user = '', address, name, port] = pattern.exec(text) ?? [];
  const host = address ?? name;
  if (host === undefined || Number(port) > 65535) return undefined;
  return { host: `${user}${host}`, ...(port === undefined ? {} : { port: Number(port) }) };
}

const named = z.string().transform((text, context): Machine => {
  const machine = readMachine(text);
  if (machine !== undefined) return machine;
  const examples = MACHINE_EXAMPLES.join(', ');
  context.addIssue(`"${text}" is no machine: write ${examples}`);
  return z.NEVER;
});

/** A kernel's own name begins with a digit, or is `latest`. */
const remoteName = /^(?:linux@(?!latest\b)[A-Za-z][\w.+-]*|windows@\w[\w.+-]*)(?:\/\w+)?$/;

/**
 * Machines by the name of their target: `{ 'windows@1.5': 'windows-ssh:ci@winbox' }`, or
 * `{ 'linux@ubuntu': { kind: 'linux-ssh', host: 'ci@box', port: 2222 } }`.
 */
export const remotesSchema = z
  .record(
    z.string().regex(remoteName, 'a machine is called linux@NAME, windows@1.5 or windows@NAME'),
    z.union([named, machineSchema]),
  )
  .superRefine((remotes, context) => {
    for (const [name, machine] of Object.entries(remotes)) {
      if (name.startsWith(platformOf(machine))) continue;
      const message = `${machine.kind} is no machine for ${name}`;
      context.addIssue({ code: 'custom', path: [name], message });
    }
  });

/** Machines by the id of their target. */
export type Remotes = Readonly<z.output<typeof remotesSchema>>;

/** The same machines, with paths that hold wherever the run is: they are relative to a folder, or to `~`. */
export function absoluteRemotes(remotes: Remotes, folder: string, home: string): Remotes {
  const resolve = (file: string) => path.resolve(folder, file.replace(/^~(?=\/|$)/, home));
  const resolved = Object.entries(remotes).map(([name, machine]): [string, Machine] => {
    const files = Object.entries(machine).filter(([key]) => PATHS.includes(key));
    const absolute = files.map(([key, file]) => [key, resolve(String(file))]);
    return [name, { ...machine, ...Object.fromEntries(absolute) }];
  });
  return Object.fromEntries(resolved);
}

const PATHS: readonly string[] = ['identity', 'sshConfig', 'folder'];
