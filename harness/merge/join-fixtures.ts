import type { Platform } from '../config/platform.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { BrokenFixture, Fixture, FixtureForm } from '../fixtures/fixture.ts';
import { joinForms } from '../fixtures/join-forms.ts';
import type { BlobFixture, BlobForm } from '../report/blob/blob-schema.ts';
import type { ReportedFixture } from '../report/report-schema.ts';
import { cannotMerge } from './merge-error.ts';
import type { NamedBlob } from './read-blobs.ts';

/** A fixture as one of the blobs has it. */
interface Told {
  readonly file: string;
  readonly fixture: BlobFixture;
}

/**
 * The fixtures of all blobs, each with what it is on every platform, in the order in which they first come.
 *
 * @throws CrossbpfError `USAGE_MERGE` for one that was made of another source, or compiled to another object.
 */
export function joinFixtures(blobs: readonly NamedBlob[]): Fixture[] {
  const all = blobs.flatMap(({ file, blob }) => blob.fixtures.map(fixture => ({ file, fixture })));
  const byId = Map.groupBy(all, ({ fixture }) => fixture.id);
  return [...byId.values()].map(joinFixture);
}

/** The fixtures that a machine could not run, each with the first error. */
export function joinBroken(blobs: readonly NamedBlob[]): BrokenFixture[] {
  const all = blobs.flatMap(({ blob: { report } }) => report.fixtures.flatMap(toBroken));
  return [...Map.groupBy(all, ({ id }) => id).values()].map(([first]) => first as BrokenFixture);
}

function toBroken({ id, source: file, error }: ReportedFixture): BrokenFixture[] {
  if (error === undefined) return [];
  const { code, message, hint, output } = error;
  return [
    {
      id,
      file,
      kind: file.endsWith('.c') ? 'source' : 'object',
      error: new CrossbpfError({
        code,
        message,
        ...(hint === null ? {} : { hint }),
        ...(output === null ? {} : { output }),
      }),
    },
  ];
}

function joinFixture(told: readonly Told[]): Fixture {
  const [first] = told as [Told, ...Told[]];
  checkSources(told);
  const { id, file, kind, declared, digest } = first.fixture;
  const common = { id, file, kind, declared, content: Buffer.alloc(0) };
  const forms = new Map<Platform, FixtureForm>();
  for (const platform of ['linux', 'windows'] as const) {
    const form = formOn(platform, told);
    if (form !== undefined) forms.set(platform, toForm(form, first.fixture));
  }
  return { ...joinForms(common, forms), digest };
}

/** An object that came as it is may be another one for each platform; a source is one for all. */
function checkSources([first, ...others]: readonly Told[]): void {
  for (const other of others) {
    if (other.fixture.kind === 'object' && first?.fixture.kind === 'object') continue;
    if (other.fixture.digest === first?.fixture.digest) continue;
    throw cannotMerge(
      `${other.fixture.id} is not the same in ${first?.file} and in ${other.file}: its source or its scenario differs`,
      { hint: 'Run all machines on the same commit.' },
    );
  }
}

/** What the fixture is on a platform, about which all blobs must agree. */
function formOn(platform: Platform, told: readonly Told[]): BlobForm | undefined {
  const forms = told.flatMap(({ file, fixture }) => {
    const form = fixture.forms[platform];
    return form === undefined ? [] : [{ file, fixture, form }];
  });
  const [first, ...others] = forms;
  for (const other of others) {
    if (contentOf(other.form) === contentOf(first?.form)) continue;
    const compilers = [first?.form, other.form].map(compilerOf);
    throw cannotMerge(
      `${other.fixture.id} is another object for ${platform} in ${first?.file} (${compilers[0]}) than in ${other.file} (${compilers[1]})`,
      { hint: 'Compile it in the same way on all machines of a platform, or compile it once.' },
    );
  }
  return first?.form;
}

function contentOf(form: BlobForm | undefined): string {
  return form?.kind === 'made' ? `${form.sha256} ${form.scenario?.digest}` : `${form?.kind}`;
}

function compilerOf(form: BlobForm | undefined): string {
  if (form?.kind !== 'made') return `${form?.kind}`;
  return form.compiler === null ? 'as it came' : form.compiler.version;
}

function toForm(form: BlobForm, { id, file, kind, declared, digest }: BlobFixture): FixtureForm {
  switch (form.kind) {
    case 'unsupported':
      return form;
    case 'foreign': {
      const { hint, ...error } = form.error;
      const hinted = hint === undefined ? {} : { hint };
      return { kind: form.kind, error: new CrossbpfError({ ...error, ...hinted, file }) };
    }
    case 'made': {
      const { sha256, compiler, inspected, scenario } = form;
      const fixture: Fixture = {
        ...{ id, file, kind, declared, digest, sha256, compiler, inspected, scenario },
        ...{ object: Buffer.alloc(0), inputs: [], warnings: '' },
      };
      return { kind: form.kind, fixture };
    }
  }
}
