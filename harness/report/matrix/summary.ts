import { createColors } from '../colors.ts';
import type { Report } from '../report-schema.ts';
import type { RenderOptions } from './render.ts';

/** One line: what was run, how it went, how long it took. */
export function renderSummary(report: Report, options: Pick<RenderOptions, 'color'>): string {
  const colors = createColors(options.color);
  const { summary } = report;
  const size = `${plural(summary.programs, 'program')} on ${plural(summary.targets, 'target')}`;
  const verdicts = [
    colors.green(`${summary.accepted} accepted`),
    summary.rejected > 0 && colors.red(`${summary.rejected} rejected`),
    summary.unsupported > 0 && `${summary.unsupported} not supported`,
  ].filter(part => part !== false);
  const seconds = `${(report.durationMs / 1000).toFixed(1)} s`;
  const parts = [`${size}: ${verdicts.join(', ')}`, differences(report), seconds];
  return `\n${parts.map(part => part).join(' · ')}\n`;

  function differences({ summary: { divergent, unexpected, infrastructure } }: Report): string {
    const lost =
      infrastructure === 0
        ? ''
        : ` · ${colors.magenta(`${plural(infrastructure, 'answer')} could not be had`)}`;
    if (unexpected > 0) return colors.red(colors.bold(`${unexpected} unexpected`)) + lost;
    if (divergent === 0) return `no difference${lost}`;
    return `${divergent} ${divergent === 1 ? 'differs' : 'differ'} as declared${lost}`;
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
