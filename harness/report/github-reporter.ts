import { appendFileSync, statSync } from 'node:fs';
import { annotationsOf, toCommand } from './github/annotations.ts';
import { renderStepSummary } from './github/step-summary.ts';
import type { CreateReporter } from './reporter.ts';

const MAX_BYTES = 1024 * 1024;

/**
 * For GitHub Actions: annotations of what is unexpected as lines that its runner reads, and the whole matrix in the
 * summary of the step ($GITHUB_STEP_SUMMARY).
 */
export const createGitHubReporter: CreateReporter = (output, { environment = {} } = {}) => ({
  onReport(report) {
    for (const annotation of annotationsOf(report)) output.write(`${toCommand(annotation)}\n`);
    const file = environment['GITHUB_STEP_SUMMARY'];
    if (file === undefined || file === '') return;
    // Other commands of the step may have written there before.
    const before = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    appendFileSync(file, renderStepSummary(report, MAX_BYTES - before));
  },
});
