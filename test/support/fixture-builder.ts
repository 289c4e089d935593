import type { DeclaredVerdict } from '../../harness/fixtures/directives.ts';
import type { Fixture } from '../../harness/fixtures/fixture.ts';
import type { FixtureObservation, ProgramObservation } from '../../harness/run/observation.ts';

/** A fixture with programs of the given names; its object is never read. */
export function fixture(
  id: string,
  programs: readonly string[],
  declared: readonly DeclaredVerdict[] = [],
): Fixture {
  return {
    ...{ id, file: `fixtures/${id}.bpf.c`, kind: 'source', object: Buffer.from(id), declared },
    ...{ sha256: '0'.repeat(64), digest: 'd'.repeat(64), compiler: null, warnings: '', inputs: [] },
    scenario: null,
    inspected: {
      ...{ platform: 'linux' as const, btf: true, needsCore: false, maps: [], sections: [] },
      programs: programs.map(name => ({
        ...{
          name,
          section: 'xdp',
          type: 'xdp',
          insns: 2,
          helpers: [],
          kfuncs: [],
          maps: [],
          variables: [],
        },
      })),
    },
  };
}

export function accepted(insns = 12): ProgramObservation {
  return {
    ...{ type: 'xdp', section: 'xdp', verdict: 'accept', errno: null, reason: null, insns },
    ...{
      states: 1,
      stack: [0],
      source: null,
      origin: 'kernel',
      notLoaded: null,
      notes: [],
      analysis: null,
      loadMs: 1,
      log: '',
      logOmitted: 0,
    },
  };
}

export function rejected(reason: string): ProgramObservation {
  return { ...accepted(), verdict: 'reject', errno: 'EINVAL', reason };
}

export function unsupported(reason: string): ProgramObservation {
  return { ...accepted(), verdict: 'unsupported', errno: null, reason, insns: null };
}

export function ran(
  programs: Readonly<Record<string, ProgramObservation>>,
  kernelLog: readonly string[] = [],
): FixtureObservation {
  return { status: 'ran', durationMs: 1, programs, steps: [], maps: {}, kernelLog };
}
