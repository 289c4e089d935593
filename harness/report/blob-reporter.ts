import { type Fixture, type FixtureForm, formFor } from '../fixtures/fixture.ts';
import { BLOB_SCHEMA, type WrittenBlob } from './blob/blob-schema.ts';
import { toTagged } from './blob/tagged-json.ts';
import type { Report } from './report-schema.ts';
import type { CreateReporter } from './reporter.ts';
import { jsonText } from './sinks/json.ts';

/** A report that `crossbpf merge` can join with those of other machines. */
export const createBlobReporter: CreateReporter = (output, { label = null } = {}) => {
  let fixtures: readonly Fixture[] = [];
  return {
    onEvent(event) {
      if (event.type === 'fixtures:ready') fixtures = event.fixtures;
    },
    onReport(report) {
      // What changed since a baseline is found out anew for what is merged.
      const { baseline: _, ...rest } = report;
      const told = new Set(report.fixtures.map(({ id }) => id));
      const blob: WrittenBlob = {
        ...{ schema: BLOB_SCHEMA, label, report: rest },
        fixtures: fixtures.filter(({ id }) => told.has(id)).map(each => toBlob(each, report)),
      };
      output.write(jsonText(blob, 0));
    },
  };
};

function toBlob(fixture: Fixture, { targets }: Report): WrittenBlob['fixtures'][number] {
  const { id, file, kind, digest, declared } = fixture;
  const platforms = new Set(targets.map(({ platform }) => platform));
  const forms = [...platforms].map(platform => [platform, toForm(formFor(fixture, platform))]);
  return {
    ...{ id, file: file.replaceAll('\\', '/'), kind, digest },
    declared: declared.map(each => ({ ...each })),
    forms: Object.fromEntries(forms),
  };
}

function toForm(form: FixtureForm) {
  switch (form.kind) {
    case 'made': {
      const { sha256, compiler, inspected, scenario } = form.fixture;
      return { kind: form.kind, sha256, compiler, inspected, scenario: toScenario(scenario) };
    }
    case 'unsupported':
      return form;
    case 'foreign': {
      const { code, message, hint } = form.error;
      return { kind: form.kind, error: { code, message, hint } };
    }
  }
}

function toScenario(bound: Fixture['scenario']): unknown {
  if (bound === null) return null;
  const { files: _, ...rest } = bound;
  return toTagged(rest);
}
