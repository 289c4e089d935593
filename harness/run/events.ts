import type { CrossbpfError } from '../crossbpf-error.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import type { KernelProgress } from '../kernels/progress.ts';
import type { TargetFacts } from '../targets/connection.ts';
import type { SnapshotEvent } from '../vm/warm-guest.ts';
import type { FixtureObservation } from './observation.ts';

/** Everything that can happen in a run, in the order in which it does; all that a display knows. */
export type RunEvent =
  | { readonly type: 'kernel:progress'; readonly progress: KernelProgress }
  /** What can be sent to targets, with what it declares. */
  | { readonly type: 'fixtures:ready'; readonly fixtures: readonly Fixture[] }
  | {
      readonly type: 'run:starting';
      readonly targets: readonly string[];
      readonly fixtures: readonly string[];
    }
  | {
      readonly type: 'target:snapshot';
      readonly target: string;
      readonly event: SnapshotEvent;
    }
  | { readonly type: 'target:ready'; readonly target: string; readonly facts: TargetFacts }
  /** Each connection, the first one too. */
  | { readonly type: 'target:connected'; readonly target: string; readonly facts: TargetFacts }
  | { readonly type: 'target:notice'; readonly target: string; readonly message: string }
  /** It could not be had at all: none of the fixtures left to it will have an answer. */
  | { readonly type: 'target:failed'; readonly target: string; readonly error: CrossbpfError }
  | {
      readonly type: 'fixture:observed';
      readonly target: string;
      readonly fixture: string;
      readonly observation: FixtureObservation;
    };

export type RunListener = (event: RunEvent) => void;
