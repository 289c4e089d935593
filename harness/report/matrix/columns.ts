import type { Report, ReportedTarget } from '../report-schema.ts';
import { describeWindows } from './windows.ts';

/** A column of the matrix: one target. */
export interface Column {
  readonly target: string;
  /** The lines of its head: the version, then what else tells it from others. */
  readonly head: readonly string[];
}

/** How the matrix is laid out in the width there is. */
export interface Layout {
  readonly columns: readonly Column[];
  readonly labelWidth: number;
  readonly cellWidth: number;
  /** Blanks between columns; part of a cell's width. */
  readonly gap: number;
  /** Whether cells have room for the verifier's cost. */
  readonly cost: boolean;
  /** How many columns stand beside each other; the rest follow in further blocks. */
  readonly perBlock: number;
}

const MARK_WIDTH = 2;
const MIN_LABEL = 18;
const MAX_LABEL = 40;
/** `✓ 1000000` and a space. */
const COST_WIDTH = 10;

/** Chooses the richest layout that fits: with cost, without, with short versions, in blocks. */
export function layOut(report: Report, labels: readonly string[], width: number): Layout {
  const longest = Math.max(MIN_LABEL, ...labels.map(label => label.length));
  const labelWidth = Math.min(longest, MAX_LABEL);
  const full = report.targets.map(target => column(report, target, versionOf(target) ?? target.id));
  const short = shortened(report);
  const headWidth = (columns: readonly Column[]) =>
    Math.max(...columns.flatMap(({ head }) => head.map(line => line.length)), 1);
  const richest = Math.max(COST_WIDTH, 2 + headWidth(full));
  const choices = [
    { columns: full, gap: 2, cellWidth: richest, cost: true },
    { columns: full, gap: 2, cellWidth: 2 + headWidth(full), cost: false },
    { columns: short, gap: 1, cellWidth: 1 + headWidth(short), cost: false },
  ];
  for (const choice of choices) {
    for (const label of [labelWidth, Math.min(labelWidth, 28), Math.min(labelWidth, 22)]) {
      const needed = MARK_WIDTH + label + choice.columns.length * choice.cellWidth;
      if (needed <= width) return { ...choice, labelWidth: label, perBlock: choice.columns.length };
    }
  }
  const label = Math.min(labelWidth, 28);
  const perBlock = Math.max(1, Math.floor((width - MARK_WIDTH - label) / richest));
  return { columns: full, gap: 2, cellWidth: richest, cost: true, labelWidth: label, perBlock };
}

/** Versions by series where that still tells the targets apart: `6.12` for `6.12.107`. */
function shortened(report: Report): Column[] {
  const { targets } = report;
  const series = targets.map(target => /^\d+\.\d+/.exec(versionOf(target) ?? '')?.[0] ?? target.id);
  return targets.map((target, index) => {
    const name = series[index] ?? target.id;
    const alone = series.filter(other => other === name).length === 1;
    return column(report, target, alone ? name : (versionOf(target) ?? target.id));
  });
}

/** A guest is told by its kernel's version; a machine that was there already is told by its name. */
function versionOf({ mode, upstream }: ReportedTarget): string | null {
  return mode === 'vm' ? upstream : null;
}

function column(report: Report, target: ReportedTarget, version: string): Column {
  const windows = target.platform === 'windows' ? describeWindows(report, target) : [];
  const [, arch, option] = /(\/\w+)?(\+\w+)?$/.exec(target.id) ?? [];
  const further = [arch, option].filter(part => part !== undefined && part !== '');
  const named = version === target.id ? [] : (further as string[]);
  return { target: target.id, head: [version, ...named, ...windows] };
}
