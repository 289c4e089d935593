import type { FeaturesReply } from '../../agent/feature-messages.ts';
import { createColors } from '../colors.ts';
import { showable } from '../sinks/showable.ts';
import { factLists } from './fact-lists.ts';

/** A target that was asked, and what it has. */
export interface ProbedTarget {
  readonly id: string;
  /** What its kernel calls itself. */
  readonly release: string;
  readonly features: FeaturesReply;
}

export interface FeatureFormat {
  readonly color: boolean;
  readonly columns: number;
}

/** Everything that a target has, a paragraph for each kind of thing. */
export function formatFeatures(raw: ProbedTarget, format: FeatureFormat): string {
  const target = showable(raw);
  const colors = createColors(format.color);
  const head = `${colors.bold(target.id)} ${colors.dim(target.release)}`;
  const paragraphs = [...factLists(target.features)].map(([title, names]) => {
    const count = colors.dim(`(${names.length})`);
    return [`${title} ${count}`, ...wrap(names, format.columns)].join('\n');
  });
  const unclear = target.features.unknown.map(({ what, said }) => `  ${what}: ${said}`);
  const unknown = unclear.length === 0 ? [] : [`no clear answer\n${unclear.join('\n')}`];
  return `${[head, ...paragraphs, ...unknown].join('\n\n')}\n`;
}

/** What one target has and the other has not. */
export function formatDifferences(
  pair: readonly [ProbedTarget, ProbedTarget],
  format: FeatureFormat,
): string {
  const [first, second] = showable(pair);
  const colors = createColors(format.color);
  const left = factLists(first.features);
  const right = factLists(second.features);
  const blocks: string[] = [];
  for (const title of new Set([...left.keys(), ...right.keys()])) {
    const [a, b] = [left.get(title) ?? [], right.get(title) ?? []];
    const gone = a.filter(name => !b.includes(name)).map(name => `- ${name}`);
    const come = b.filter(name => !a.includes(name)).map(name => `+ ${name}`);
    if (gone.length + come.length === 0) continue;
    const lines = [...gone.map(colors.red), ...come.map(colors.green)].map(line => `  ${line}`);
    blocks.push([title, ...lines].join('\n'));
  }
  const head = `${colors.red(`- ${first.id}`)} ${colors.dim(first.release)}\n${colors.green(`+ ${second.id}`)} ${colors.dim(second.release)}`;
  const none = blocks.length === 0 ? ['no difference'] : [];
  return `${[head, ...blocks, ...none].join('\n\n')}\n`;
}

/** The same as JSON: names by list, for one target or the other alone. */
export function differencesDocument([first, second]: readonly [
  ProbedTarget,
  ProbedTarget,
]): object {
  const left = factLists(first.features);
  const right = factLists(second.features);
  const lists = [...new Set([...left.keys(), ...right.keys()])].flatMap(title => {
    const [a, b] = [left.get(title) ?? [], right.get(title) ?? []];
    const only = {
      [first.id]: a.filter(name => !b.includes(name)),
      [second.id]: b.filter(name => !a.includes(name)),
    };
    return Object.values(only).every(list => list.length === 0) ? [] : [[title, only] as const];
  });
  return { schema: 'crossbpf/features-diff@1', differences: Object.fromEntries(lists) };
}

function wrap(names: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const name of names) {
    if (line.length + name.length + 1 > columns && line !== ' ') {
      lines.push(line);
      line = ' ';
    }
    line += ` ${name}`;
  }
  return line === ' ' ? lines : [...lines, line];
}
