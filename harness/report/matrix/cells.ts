import type { Colors } from '../colors.ts';
import type { ReportedProgram, ReportedResult } from '../report-schema.ts';

/** What one cell of the matrix says: one program on one target. */
export type Cell =
  | { readonly kind: 'answered'; readonly program: ReportedProgram }
  /** The target was lost, or never had. */
  | { readonly kind: 'lost' };

export function cellOf(result: ReportedResult | undefined, program: string): Cell {
  const answer = result?.programs[program];
  return answer === undefined ? { kind: 'lost' } : { kind: 'answered', program: answer };
}

/** The sign of a cell, one character wide. */
export function signOf(cell: Cell, colors: Colors): string {
  if (cell.kind === 'lost') return colors.magenta('!');
  switch (cell.program.verdict) {
    case 'accept':
      return colors.green('✓');
    case 'reject':
      return colors.red('✗');
    case 'unsupported':
      return colors.dim('–');
  }
}

/** The verifier's cost of an accepted program, in instructions; empty for any other cell. */
export function costOf(cell: Cell): string {
  if (cell.kind === 'lost' || cell.program.verdict !== 'accept') return '';
  return cell.program.insns === null ? '' : String(cell.program.insns);
}
