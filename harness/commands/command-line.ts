import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { MAX_SECONDS } from '../config/config-schema.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { configOption } from './config-option.ts';
import type { CommandContext } from './context.ts';
import { declareCheck, declareFeatures, declareVmlinux } from './declare-portability.ts';
import { EXIT } from './exit-code.ts';
import { formatError } from './failure.ts';

/** A parsed command line that can be executed once. */
export interface Program {
  /** Gives the exit code. */
  execute(argv: readonly string[]): Promise<number>;
}

type Run = () => Promise<number>;

/** Declares every command. Each one's code is loaded only when it is asked for: start-up time counts. */
export function createProgram(context: CommandContext): Program {
  let chosen: Run | undefined;
  const choose = (run: Run) => {
    chosen = run;
  };
  const program = new Command('crossbpf')
    .description('Load the same BPF programs on every kernel, and see where they differ.')
    .version(context.toolVersion, '-V, --version')
    .exitOverride()
    .addHelpText('after', EXAMPLES)
    .configureOutput({
      writeOut: text => context.stdout.write(text),
      writeErr: text => context.stderr.write(text),
      outputError: text => context.stderr.write(formatError(usageError(text), context.stderr)),
    });
  for (const declare of [
    declareRun,
    declareMerge,
    declareKernels,
    declareDoctor,
    declareCheck,
    declareFeatures,
    declareVmlinux,
  ]) {
    program.addCommand(declare(context, choose).copyInheritedSettings(program));
  }
  return {
    async execute(argv) {
      try {
        program.parse(argv, { from: 'user' });
      } catch (thrown) {
        if (!(thrown instanceof CommanderError)) throw thrown;
        return thrown.exitCode === 0 ? EXIT.asExpected : EXIT.usage;
      }
      return chosen === undefined ? EXIT.usage : chosen();
    },
  };
}

const EXAMPLES = `
Examples:
  crossbpf run prog.bpf.c -t linux@5.10 -t linux@6.12
  crossbpf run build/prog.o -t linux@7 --reporter json
  crossbpf run -t windows-ssh:ci@winbox --reporter blob=windows.json
  crossbpf merge linux.json windows.json

Exit codes:
  0  all as expected
  1  programs differ or are not accepted where nothing says that they may, or something is not as expected or as in
     the baseline
  2  wrong arguments or configuration, or a fixture that does not compile
  3  a target could not be had
  130  interrupted`;

/** commander's words, which take several lines, as an error of ours. */
function usageError(text: string): CrossbpfError {
  const [first = '', ...rest] = text.trim().split('\n');
  const suggested = rest.map(line => line.replace(/^\((.*)\)$/, '$1')).join(' ');
  const file = /^error: unknown command '([^']*(?:[./*]|\.o)[^']*)'/.exec(first)?.[1];
  const instead = file === undefined ? suggested : `Did you mean crossbpf run ${file}?`;
  const hint = [instead, 'Run crossbpf --help, or crossbpf COMMAND --help.'].join(' ').trim();
  return new CrossbpfError({
    code: 'USAGE_COMMAND_LINE',
    message: first.replace(/^error: /, ''),
    hint,
  });
}

type Declare = (context: CommandContext, choose: (run: Run) => void) => Command;

const declareRun: Declare = (context, choose) =>
  new Command('run')
    .description('load, run and compare fixtures on every target')
    .argument(
      '[fixture...]',
      'a .bpf.c file, an object file, a folder or a glob (default: the configuration’s; without one the folder fixtures, or this one)',
    )
    .addOption(targetOption())
    .addOption(configOption())
    .addOption(reporterOption())
    .option(
      '--label <name>',
      'with --reporter blob: what tells this machine from others of its kind',
    )
    .addOption(
      new Option(
        '--type <program=type>',
        'type of a program whose section does not say it: filter=socket_filter; repeatable',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .option('-j, --jobs <n>', 'targets at once (default: one for each core)', positiveInteger)
    .option(
      '--timeout <seconds>',
      'limit for one fixture on one target (default: 120)',
      positiveNumber,
    )
    .addOption(
      new Option('--log <kind>', 'how much of a verifier log to keep')
        .choices(['short', 'full'])
        .default('short'),
    )
    .addOption(
      new Option('--accel <name>', 'how guests are executed')
        .choices(['auto', 'kvm', 'tcg'])
        .default('auto'),
    )
    .option('--fresh', 'boot every guest, restore none')
    .option('--bail', 'end after the first fixture that is not as expected')
    .addOption(baselineOption())
    .option('--update', 'write the baseline; not on CI')
    .option('--watch', 'run again what changes, until Ctrl-C')
    .option('--profile', 'say where the time went')
    .action((patterns, given) => {
      const options = {
        reporter: ['matrix'],
        fresh: false,
        bail: false,
        update: false,
        watch: false,
        profile: false,
        ...given,
      };
      choose(async () => (await import('./run.ts')).runCommand(patterns, options, context));
    });

const declareMerge: Declare = (context, choose) =>
  new Command('merge')
    .description('join what runs on several machines have written, and compare it as one run does')
    .argument('<blob...>', 'files of --reporter blob=FILE, or folders of them')
    .addOption(configOption())
    .addOption(reporterOption())
    .addOption(baselineOption())
    .action((names, given) => {
      const options = { reporter: ['matrix'], ...given };
      choose(async () => (await import('./merge.ts')).mergeCommand(names, options, context));
    });

const declareKernels: Declare = (context, choose) =>
  new Command('kernels')
    .description('list the kernels that there are, fetch them, pin their names, or remove them')
    .argument('[action]', 'list, fetch, lock or prune', 'list')
    .addOption(targetOption())
    .addOption(configOption())
    .option('--refresh', 'ask the archive again, however young its lists are')
    .option('--json', 'list: print JSON')
    .option(
      '--all',
      'prune: remove all kernels, snapshots and compiled objects, not only what is unused for 30 days',
    )
    .action((action, given) => {
      const options = { refresh: false, json: false, all: false, ...given };
      choose(async () => (await import('./kernels.ts')).kernelsCommand(action, options, context));
    });

const declareDoctor: Declare = (context, choose) =>
  new Command('doctor')
    .description('say what is missing on this machine, and how to fix it')
    .action(() => {
      choose(async () => (await import('./doctor.ts')).doctorCommand(context));
    });

function baselineOption(): Option {
  return new Option(
    '--baseline <file>',
    'what earlier runs said (default: crossbpf.baseline.json beside the configuration)',
  );
}

function reporterOption(): Option {
  return new Option(
    '--reporter <name[=file]>',
    'matrix, dot, json, junit, github or blob; repeatable (default: matrix)',
  ).argParser((value: string, before?: string[]) => collect(value, before ?? []));
}

function targetOption(): Option {
  return new Option(
    '-t, --target <target>',
    'such as linux@6.12, linux:./bzImage, windows-ssh:user@host; repeatable',
  )
    .argParser(collect)
    .default([], 'the configuration’s');
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function positiveInteger(text: string): number {
  const value = positiveNumber(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  if (value > MAX_SECONDS) throw new InvalidArgumentError(`It must be at most ${MAX_SECONDS}.`);
  return value;
}
