import type { LoadEnd, LoadedProgram, LoadOptions, PlayOptions } from '../agent/agent-session.ts';
import type { FeaturesReply, FeaturesRequestInput } from '../agent/feature-messages.ts';
import type { DumpReply, PlayedReply, StepReply } from '../agent/play-messages.ts';
import type { Accelerator, GuestStart } from '../vm/guest.ts';

/** Where the answers of a connection come from. */
export interface TargetFacts {
  readonly platform: 'linux' | 'windows';
  /** What the kernel says of itself: `6.12.107+deb13-cloud-amd64`. */
  readonly release: string;
  readonly arch: string;
  /** What runs BPF programs where that is not the kernel itself; null on Linux. */
  readonly runtime: { readonly name: string; readonly version: string } | null;
  readonly mode: 'vm' | 'host' | 'remote';
  readonly accel: Accelerator | null;
  readonly start: GuestStart | null;
  /** From the start of what the agent runs in to its first answer; for a guest that is used again, from its rewinding. */
  readonly startMs: number;
  /** What the agent could not set up. */
  readonly warnings: readonly string[];
}

/** A live agent on a target. Disposing it ends the guest or the process behind it. */
export interface Connection extends AsyncDisposable {
  readonly facts: TargetFacts;
  /**
   * Loads every program of an object by itself; see `AgentSession.load`.
   *
   * @throws CrossbpfError (infrastructure) when the target is lost, with its last console lines.
   */
  load(options: LoadOptions): AsyncGenerator<LoadedProgram, LoadEnd>;
  /**
   * Loads programs of an object together and carries out a scenario's steps; see `AgentSession.play`.
   *
   * @throws CrossbpfError (infrastructure) when the target is lost, with its last console lines.
   */
  play(options: PlayOptions): AsyncGenerator<StepReply | DumpReply, PlayedReply>;
  /**
   * Finds out what the kernel has of BPF; see `AgentSession.features`.
   *
   * @throws CrossbpfError (infrastructure) when the target is lost, or is one that cannot be probed.
   */
  features(wanted: WantedFeatures): Promise<FeaturesReply>;
}

/** What a probe of features is to look at. */
export type WantedFeatures = Omit<FeaturesRequestInput, 'type' | 'id'>;

/** What is known of connections that come after one. */
export interface OpenOptions {
  /** None will be wanted: what it runs on need not be kept. */
  readonly isLast?: boolean;
  /** What will be asked first: where it is known what that comes to, it is sent along with the greeting. */
  readonly first?: LoadOptions;
}

/** A connection that nobody has asked for yet. Disposing ends what none has taken. */
export interface Beginning extends AsyncDisposable {
  /** Resolves when there is nothing left but to wait, or when it has failed, of which `open` tells. */
  readonly underWay: Promise<void>;
}

/** Something that connections can be opened to, as often as wanted. */
export interface Target {
  readonly id: string;
  /** The upstream version, for the order of columns and for ranges; null when it is not known before a connection. */
  readonly upstream: string | null;
  readonly platform: 'linux' | 'windows';
  /** Whether all its connections lead to one kernel, so that only one should be open at a time. */
  readonly isShared?: boolean;
  /** Milliseconds that it may take to prepare a fixture there, beyond the limit for a fixture; default: none. */
  readonly preparationMs?: number;
  /**
   * Begins what the first connection waits for, before it is wanted, as far as it costs next to nothing; absent where it
   * always costs more.
   */
  begin?(signal: AbortSignal): Beginning;
  open(signal: AbortSignal, options?: OpenOptions): Promise<Connection>;
}
