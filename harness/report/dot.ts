import { createColors } from './colors.ts';
import { renderFindings } from './matrix/findings.ts';
import { renderRejections } from './matrix/rejections.ts';
import { renderSummary } from './matrix/summary.ts';
import type { CreateReporter } from './reporter.ts';
import { showable } from './sinks/showable.ts';

/** A character for each fixture on each target as it is answered, then only what went wrong. */
export const createDotReporter: CreateReporter = output => {
  const colors = createColors(output.color);
  let written = 0;
  const dot = (text: string) => {
    output.write(text);
    written += 1;
    if (written % Math.min(output.columns, 80) === 0) output.write('\n');
  };
  return {
    onEvent(event) {
      if (event.type === 'target:failed') dot(colors.magenta('!'));
      if (event.type !== 'fixture:observed') return;
      dot(event.observation.status === 'infra' ? colors.magenta('!') : colors.green('·'));
    },
    onReport(raw) {
      const report = showable(raw);
      if (report.targets.length === 0) return;
      output.write(written === 0 ? '' : '\n');
      output.write(
        renderFindings(report, { ...output, wrap: output.isTerminal, onlyUnexpected: true }),
      );
      output.write(renderRejections(report, { ...output, wrap: output.isTerminal }));
      output.write(renderSummary(report, output));
    },
  };
};
