import type { Report } from '../report-schema.ts';
import type { Finding } from './finding.ts';
import { describeTargets } from './targets.ts';

/** What the loader did on its own so that programs could be loaded: each once for a fixture. */
export function explainNotes(report: Report): Finding[] {
  return report.fixtures.flatMap(({ id, results }) => {
    const said = Object.entries(results).flatMap(([target, { programs }]) =>
      Object.values(programs ?? {}).flatMap(({ notes }) => notes.map(note => ({ target, note }))),
    );
    const ran = Object.keys(results);
    return [...Map.groupBy(said, ({ note }) => note)].map(([note, places]) => {
      const targets = [...new Set(places.map(({ target }) => target))];
      const where =
        targets.length === ran.length ? '' : `${describeTargets(report, targets, ran)}: `;
      return { text: `${id}: ${where}${note}`, details: [] };
    });
  });
}
