import { type Colors, createColors } from '../colors.ts';
import type { Report } from '../report-schema.ts';
import type { RenderOptions } from './render.ts';

type Summary = Report['summary'];

/** One line: what was run, how it went, how long it took. */
export function renderSummary(report: Report, options: Pick<RenderOptions, 'color'>): string {
  const colors = createColors(options.color);
  const { summary } = report;
  const size = `${plural(summary.programs, 'program')} on ${plural(summary.targets, 'target')}`;
  const parts = [
    `${size}: ${verdicts(summary, colors)}`,
    ...differences(summary, colors),
    ...lost(summary, colors),
    ...broken(summary, colors),
    `${(report.durationMs / 1000).toFixed(1)} s`,
  ];
  return `\n${parts.join(' · ')}\n`;
}

function verdicts({ accepted, rejected, unsupported }: Summary, colors: Colors): string {
  return [
    colors.green(`${accepted} accepted`),
    ...(rejected > 0 ? [colors.red(`${rejected} rejected`)] : []),
    ...(unsupported > 0 ? [`${unsupported} not supported`] : []),
  ].join(', ');
}

function differences(summary: Summary, colors: Colors): string[] {
  const { divergent, unexpected, accepted, rejected, unsupported } = summary;
  if (unexpected > 0) return [colors.red(colors.bold(`${unexpected} unexpected`))];
  if (divergent > 0) return [`${divergent} ${divergent === 1 ? 'differs' : 'differ'} as declared`];
  // Where nothing was said, nothing was compared.
  return accepted + rejected + unsupported > 0 ? ['no difference'] : [];
}

function lost({ infrastructure }: Summary, colors: Colors): string[] {
  if (infrastructure === 0) return [];
  return [colors.magenta(`${plural(infrastructure, 'answer')} could not be had`)];
}

function broken({ broken: count }: Summary, colors: Colors): string[] {
  return count === 0 ? [] : [colors.magenta(`${plural(count, 'fixture')} could not be run`)];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
