import path from 'node:path';
import type {
  CheckedObject,
  CheckedProgram,
  CheckResult,
} from '../../portability/check-objects.ts';
import type { Prediction, Problem } from '../../portability/prediction.ts';
import { createColors } from '../colors.ts';
import { showable } from '../sinks/showable.ts';

export interface CheckFormat {
  readonly color: boolean;
  readonly columns: number;
}

/** Problems by what they say, with the targets that have them. */
type Grouped = Map<string, { readonly problems: Problem[]; readonly targets: string[] }>;

/** What stops each program and where, then the floors. */
export function formatCheck(raw: CheckResult, { color }: CheckFormat): string {
  const result = showable(raw);
  const colors = createColors(color);
  const blocks = result.objects.map(object => formatObject(object, result, colors));
  const { linux, windows, types } = result;
  const absent = [...types].filter(([, release]) => release === null).map(([id]) => id);
  const hint =
    absent.length === 0
      ? []
      : [
          colors.dim(
            `types of ${absent.join(', ')} are not at hand; crossbpf kernels fetch ${absent.map(id => `-t ${id}`).join(' ')}`,
          ),
        ];
  const floors = [linux, windows].filter(each => each !== null).map(({ text }) => text);
  const count = result.objects.reduce((sum, { programs }) => sum + programs.length, 0);
  const readable = result.objects.filter(({ error }) => error === null).length;
  const broken = result.objects.length - readable;
  const unread = broken === 0 ? [] : [`${counted(broken, 'file')} cannot be read`];
  const all = `${counted(count, 'program')} in ${counted(readable, 'object')}: ${[...floors, ...unread].join(' · ')} ${colors.dim('(static: nothing was loaded)')}`;
  return `${[...blocks, ...hint, all].join('\n')}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

type Colors = ReturnType<typeof createColors>;

function formatObject(object: CheckedObject, result: CheckResult, colors: Colors): string {
  if (object.error !== null)
    return `${colors.bold(object.file)}\n  ${colors.magenta('!')} ${object.error}`;
  const lines = object.programs.flatMap(program => formatProgram(program, result, colors));
  return [colors.bold(object.file), ...lines].join('\n');
}

function formatProgram(program: CheckedProgram, result: CheckResult, colors: Colors): string[] {
  const { name, linux, windows, predictions } = program;
  const isForWindows = result.targets.some(({ platform }) => platform === 'windows');
  const floors = isForWindows ? `${linux.text} · ${windows.text}` : linux.text;
  const stops = group(predictions, ({ stops: list }) => list);
  const unknown = group(predictions, ({ unknown: list }) => list);
  const mark = linux.version === null ? colors.red('✗') : colors.green('✓');
  const all = result.targets.map(({ id }) => id);
  return [
    `  ${mark} ${name.padEnd(28)} ${floors}`,
    ...[...stops.values()].map(each => formatProblem('✗', each, { all, colors })),
    ...[...unknown.values()].map(each => formatProblem('?', each, { all, colors })),
    ...notes(predictions).map(note => colors.dim(`      note: ${note}`)),
  ];
}

function group(
  predictions: ReadonlyMap<string, Prediction>,
  list: (prediction: Prediction) => readonly Problem[],
): Grouped {
  const grouped: Grouped = new Map();
  for (const [target, prediction] of predictions) {
    for (const problem of list(prediction)) {
      const known = grouped.get(problem.what) ?? { problems: [], targets: [] };
      known.problems.push(problem);
      known.targets.push(target);
      grouped.set(problem.what, known);
    }
  }
  return grouped;
}

interface Group {
  readonly problems: readonly Problem[];
  readonly targets: readonly string[];
}

interface ProblemFormat {
  /** All targets, in their order. */
  readonly all: readonly string[];
  readonly colors: Colors;
}

function formatProblem(mark: string, group: Group, { all, colors }: ProblemFormat): string {
  const { problems, targets } = group;
  const [first] = problems;
  const line = first?.line ?? null;
  const place = line === null ? '' : ` ${colors.dim(`${path.basename(line.file)}:${line.number}`)}`;
  const facts = problems
    .flatMap(({ since, why }) => [since ?? '', why])
    .filter(text => text !== '');
  const instead = problems.find(each => each.instead !== null)?.instead;
  const late = problems.every(each => each.late) ? ['it loads, but cannot be attached'] : [];
  const on = targets.length === all.length ? 'everywhere' : runs(targets, all);
  const words = [...new Set([...facts, ...late])].join('; ');
  const more = instead == null ? '' : colors.dim(` Instead: ${instead}.`);
  return `      ${mark} ${first?.what}${place}: ${words === '' ? '' : `${words} `}(${on})${more}`;
}

/** `linux@5.10 to linux@6.1, windows@1.5`: neighbours among all targets are one run. */
function runs(targets: readonly string[], all: readonly string[]): string {
  const parts: string[] = [];
  for (let from = 0; from < all.length; from += 1) {
    if (!targets.includes(all[from] ?? '')) continue;
    let to = from;
    while (to + 1 < all.length && targets.includes(all[to + 1] ?? '')) to += 1;
    parts.push(to === from ? `${all[from]}` : `${all[from]} to ${all[to]}`);
    from = to;
  }
  return parts.join(', ');
}

function notes(predictions: ReadonlyMap<string, Prediction>): string[] {
  return [...new Set([...predictions.values()].flatMap(prediction => prediction.notes))];
}
