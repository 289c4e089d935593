import { renderFindings } from './matrix/findings.ts';
import { renderRejections } from './matrix/rejections.ts';
import { renderMatrix } from './matrix/render.ts';
import { renderSummary } from './matrix/summary.ts';
import type { CreateReporter } from './reporter.ts';
import { showable } from './sinks/showable.ts';

/** The table of programs and targets, and below it why rows differ. */
export const createMatrixReporter: CreateReporter = output => ({
  onReport(raw) {
    const report = showable(raw);
    // Standard error has said why nothing was run.
    if (report.targets.length === 0) return;
    output.write(`\n${renderMatrix(report, output)}`);
    output.write(renderFindings(report, { ...output, wrap: output.isTerminal }));
    output.write(renderRejections(report, { ...output, wrap: output.isTerminal }));
    output.write(renderSummary(report, output));
  },
});
