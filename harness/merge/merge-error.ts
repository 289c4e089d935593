import { CrossbpfError } from '../crossbpf-error.ts';

/** Reports that do not belong together, or a file that holds none. */
export function cannotMerge(message: string, facts: { file?: string; hint: string }) {
  return new CrossbpfError({ code: 'USAGE_MERGE', message, ...facts });
}
