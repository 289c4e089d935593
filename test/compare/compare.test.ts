import { describe, expect, test } from 'vitest';
import { compareAnswers } from '../../harness/compare/compare.ts';
import { checkDeclarations } from '../../harness/compare/declared.ts';
import type { ComparedTarget } from '../../harness/compare/divergence.ts';
import type { DeclaredVerdict } from '../../harness/fixtures/directives.ts';
import type { FixtureObservation } from '../../harness/run/observation.ts';
import { accepted, fixture, ran, rejected, unsupported } from '../support/fixture-builder.ts';

const OLD = { id: 'linux@6.1', platform: 'linux', upstream: '6.1.192' } as const;
const NEW = { id: 'linux@6.12', platform: 'linux', upstream: '6.12.117' } as const;

const BEFORE: DeclaredVerdict = {
  ...{ program: 'counted', verdict: 'reject', range: 'linux <6.9', line: 1 },
};
const SINCE: DeclaredVerdict = {
  ...{ program: 'counted', verdict: 'accept', range: 'linux >=6.9', line: 2 },
};

/** Compares one fixture, by what each target said of it. */
function compare(
  said: readonly (readonly [ComparedTarget, FixtureObservation | undefined])[],
  declared: readonly DeclaredVerdict[] = [],
) {
  const byTarget = new Map(said.map(([target, observation]) => [target.id, observation]));
  return compareAnswers({
    targets: said.map(([target]) => target),
    fixtures: [fixture('loop', ['counted'], declared)],
    observation: target => byTarget.get(target),
  });
}

const accepting = ran({ counted: accepted() });
const rejecting = ran({ counted: rejected('unknown opcode e5') });

describe('verdicts', () => {
  test('that agree are no divergence, whatever they cost', () => {
    const both = compare([
      [OLD, ran({ counted: accepted(10) })],
      [NEW, ran({ counted: accepted(99) })],
    ]);
    expect(both).toMatchObject({ divergences: [], failedExpectations: [] });
  });

  test('that differ are an unexpected divergence where nothing declares them', () => {
    expect(
      compare([
        [OLD, rejecting],
        [NEW, accepting],
      ]).divergences,
    ).toEqual([
      {
        ...{ fixture: 'loop', subject: 'counted', path: '', field: 'verdict', expected: false },
        values: { 'linux@6.1': 'reject', 'linux@6.12': 'accept' },
      },
    ]);
  });

  test('that differ as declared are expected, in the declaration’s words', () => {
    const { divergences, failedExpectations } = compare(
      [
        [OLD, rejecting],
        [NEW, accepting],
      ],
      [BEFORE, SINCE],
    );
    expect(failedExpectations).toEqual([]);
    expect(divergences).toEqual([
      expect.objectContaining({
        ...{ expected: true, reason: 'rejected before 6.9' },
        declaredAt: 'fixtures/loop.bpf.c:1',
      }),
    ]);
  });

  test('that are declared in several ranges name all of those that were met', () => {
    const older = { id: 'linux@5.10', platform: 'linux', upstream: '5.10.262' } as const;
    const { divergences } = compare(
      [
        [older, rejecting],
        [OLD, accepting],
        [NEW, rejecting],
      ],
      [
        { ...BEFORE, range: 'linux <5.17' },
        { ...SINCE, range: 'linux >=5.17 <6.12' },
        { ...BEFORE, range: 'linux >=6.12', line: 3 },
      ],
    );
    expect(divergences).toEqual([
      expect.objectContaining({ reason: 'rejected before 5.17, since 6.12' }),
    ]);
  });

  test('a declaration for one side alone does not expect the other', () => {
    const { divergences } = compare(
      [
        [OLD, rejecting],
        [NEW, accepting],
      ],
      [BEFORE],
    );
    expect(divergences).toEqual([expect.objectContaining({ expected: false })]);
  });

  test('unlike the declared one are failed expectations, also where all targets agree', () => {
    const { divergences, failedExpectations } = compare(
      [
        [OLD, accepting],
        [NEW, accepting],
      ],
      [BEFORE, SINCE],
    );
    expect(divergences).toEqual([]);
    expect(failedExpectations).toEqual([
      {
        ...{ fixture: 'loop', subject: 'counted', path: '', field: 'verdict', target: 'linux@6.1' },
        ...{ expected: 'reject', actual: 'accept', declaredAt: 'fixtures/loop.bpf.c:1' },
      },
    ]);
  });

  test('not supported differs from rejected', () => {
    const { divergences } = compare([
      [OLD, ran({ counted: unsupported('no map type arena') })],
      [NEW, rejecting],
    ]);
    expect(divergences).toEqual([expect.objectContaining({ field: 'verdict' })]);
  });

  test('of a target that was lost are left out', () => {
    const lost: FixtureObservation = {
      ...{ status: 'infra', durationMs: 1, programs: {} },
      error: { code: 'INFRA_TIMEOUT', message: 'no answer' },
    };
    const { divergences } = compare([
      [OLD, lost],
      [NEW, accepting],
    ]);
    expect(divergences).toEqual([]);
  });
});

describe('reasons', () => {
  test('in other words or with other registers are no divergence', () => {
    const { divergences } = compare([
      [OLD, ran({ counted: rejected("R1 invalid mem access 'inv'") })],
      [NEW, ran({ counted: rejected("R6 invalid mem access 'scalar'") })],
    ]);
    expect(divergences).toEqual([]);
  });

  test('that are others are one, with the words of each', () => {
    const { divergences } = compare([
      [OLD, ran({ counted: rejected('unknown opcode e5') })],
      [NEW, ran({ counted: rejected('R0 !read_ok') })],
    ]);
    expect(divergences).toEqual([
      expect.objectContaining({
        ...{ field: 'reason', expected: false },
        values: { 'linux@6.1': 'unknown opcode e5', 'linux@6.12': 'R0 !read_ok' },
      }),
    ]);
  });
});

test('a kernel that complains is a divergence, whatever is declared', () => {
  const splat = 'WARNING: CPU: 0 PID: 1 at kernel/bpf/verifier.c:123 do_check+0x1/0x2';
  const { divergences } = compare(
    [
      [OLD, rejecting],
      [NEW, ran({ counted: accepted() }, ['virtio: a note', splat])],
    ],
    [BEFORE, SINCE],
  );
  expect(divergences.filter(each => each.field === 'kernelLog')).toEqual([
    {
      ...{ fixture: 'loop', subject: 'loop', path: '', field: 'kernelLog', expected: false },
      values: { 'linux@6.12': splat },
    },
  ]);
});

test.each([
  [{ ...BEFORE, program: 'cuonted' }, 'USAGE_BAD_DIRECTIVE'],
  [{ ...BEFORE, range: 'linux before 6.9' }, 'USAGE_BAD_RANGE'],
])('a declaration that can never hold is an error', (declared, code) => {
  expect(() => checkDeclarations(fixture('loop', ['counted'], [declared]))).toThrow(
    expect.objectContaining({ code }),
  );
});

describe('an object as a whole', () => {
  const whole = (object: FixtureObservation['programs'][string]) => ({ ...accepting, object });
  const refused = whole(rejected('program counted: load program: invalid argument'));

  test('that some targets refuse is a difference', () => {
    const { divergences } = compare([
      [OLD, whole(accepted())],
      [NEW, refused],
    ]);
    expect(divergences).toMatchObject([
      { subject: 'whole object', field: 'verdict', expected: false },
    ]);
  });

  test('that is refused everywhere fails, unless that is declared', () => {
    const everywhere = [
      [OLD, refused],
      [NEW, refused],
    ] as const;
    expect(compare(everywhere).failedExpectations).toMatchObject([
      { subject: 'whole object', target: 'linux@6.1', undeclared: true },
      { subject: 'whole object', target: 'linux@6.12', undeclared: true },
    ]);
    const declared = { program: 'object', verdict: 'reject', range: 'linux', line: 1 } as const;
    expect(compare(everywhere, [declared])).toMatchObject({
      divergences: [],
      failedExpectations: [],
    });
  });

  test('of which a target says nothing is no difference', () => {
    const { divergences } = compare([
      [OLD, accepting],
      [NEW, whole(accepted())],
    ]);
    expect(divergences).toEqual([]);
  });
});
