import type { Duplex } from 'node:stream';

/** How a guest's instructions are executed. */
export type Accelerator = 'kvm' | 'tcg';

/** Whether a guest was booted or restored from a snapshot. */
export type GuestStart = 'boot' | 'restore';

/** How a guest ended, and what it or QEMU said of it in one line. */
export interface GuestExit {
  /**
   * `panic`: its kernel did. `shutdown`: it powered itself off. `reset`: it restarted itself, which ends
   * it. `qemu-exit`: QEMU ended without being told to. `not-started`: the machine could not start it. `disposed`: this
   * side ended it.
   */
  readonly reason: 'panic' | 'shutdown' | 'reset' | 'qemu-exit' | 'not-started' | 'disposed';
  readonly detail: string;
  /** Why it was not started. */
  readonly cause?: Error;
}

/** How a guest is used again, as if it had just been restored. */
export interface Rewinding {
  /** Whether another guest is better started: it takes much memory, or its clock has gone far. */
  readonly isWorn: boolean;
  /** Stops a guest that nobody waits for, until it is rewound or ended. */
  pause(): void;
  /**
   * Takes the guest back to its snapshot, from where it goes on.
   *
   * Throws an Error when that fails or cannot be done here; the guest must be ended then.
   */
  rewind(): Promise<void>;
}

/** A running guest. Disposing it ends QEMU and removes all of its files. */
export interface Guest extends AsyncDisposable {
  readonly accelerator: Accelerator;
  readonly start: GuestStart;
  /** From the call to the agent's port being open, in milliseconds. */
  readonly startMs: number;
  /** The byte stream of the agent's virtio-serial port. */
  readonly port: Duplex;
  /** The last lines that the guest's console has printed, oldest first. */
  consoleTail(lines?: number): string[];
  /** Resolves when the guest is gone, whichever way; never rejects. */
  readonly exited: Promise<GuestExit>;
  /** Absent where a guest cannot be used again. */
  readonly rewinding?: Rewinding | undefined;
}
