import { Command, Option } from 'commander';
import { configOption } from './config-option.ts';
import type { CommandContext } from './context.ts';

type Choose = (run: () => Promise<number>) => void;

/** `crossbpf check`. */
export function declareCheck(context: CommandContext, choose: Choose): Command {
  return new Command('check')
    .description('say where programs can be loaded and from which version on, without a VM')
    .argument(
      '[fixture...]',
      'a .bpf.c file, an object file, a program that holds objects, a folder or a glob',
    )
    .addOption(
      repeatable(
        '-t, --target <target>',
        'such as linux@6.12 or windows@1.5; repeatable',
        'every series that was probed, and the newest Windows',
      ),
    )
    .addOption(
      repeatable(
        '--fail-on <target>',
        'exit with 1 if a program cannot be used there; repeatable',
        'none',
      ),
    )
    .addOption(configOption())
    .addOption(new Option('--json', 'print JSON').conflicts('markdown'))
    .option('--markdown', 'print a table of versions for a README')
    .action((patterns, given) => {
      const options = { json: false, markdown: false, ...given };
      choose(async () => (await import('./check.ts')).checkCommand(patterns, options, context));
    });
}

/** `crossbpf features`. */
export function declareFeatures(context: CommandContext, choose: Choose): Command {
  return new Command('features')
    .description('say what targets have of BPF, found out by trying')
    .addOption(
      repeatable(
        '-t, --target <target>',
        'such as linux@6.12, linux-host; repeatable',
        'the configuration’s',
      ),
    )
    .addOption(configOption())
    .addOption(
      new Option('--accel <name>', 'how guests are executed')
        .choices(['auto', 'kvm', 'tcg'])
        .default('auto'),
    )
    .option('--diff', 'only what two targets differ in')
    .option('--json', 'print JSON')
    .action(given => {
      const options = { diff: false, json: false, ...given };
      choose(async () => (await import('./features.ts')).featuresCommand(options, context));
    });
}

/** `crossbpf vmlinux`. */
export function declareVmlinux(context: CommandContext, choose: Choose): Command {
  return new Command('vmlinux')
    .description('print vmlinux.h of a kernel: its types as C, for sources that include it')
    .argument('[target]', 'such as linux@6.12 (default: the newest of the configuration’s targets)')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  crossbpf vmlinux linux@6.12 > vmlinux.h')
    .action((target, given) => {
      choose(async () => (await import('./vmlinux.ts')).vmlinuxCommand(target, given, context));
    });
}

/** An option that is given several times; `otherwise` says in the help what holds where it is not. */
function repeatable(flags: string, description: string, otherwise: string): Option {
  const add = (value: string, before: string[]) => [...before, value];
  return new Option(flags, description).argParser(add).default([], otherwise);
}
