/** What kind of failure an error is; decides the exit code of the command. */
export type FailureKind = 'usage' | 'infrastructure';

/** Facts that go with an error, for reporters and for tests; also the parts of its message. */
export interface ErrorFacts {
  /** The target on which it failed, such as `linux@6.12`. */
  readonly target?: string;
  /** The file that it is about. */
  readonly file?: string;
  /** The last lines of a guest's console, oldest first. */
  readonly console?: readonly string[];
  /** What an external tool printed, as it printed it (a compiler's errors, say). */
  readonly output?: string;
}

export interface CrossbpfErrorOptions extends ErrorFacts {
  readonly code: string;
  readonly message: string;
  /** What the user can do next, as one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The one error that this project throws for what is not a bug of its own.
 *
 * `code` starts with the kind of failure: `USAGE_…` (exit code 2: arguments, configuration, fixtures)
 * or `INFRA_…` (exit code 3: a target could not be had).
 */
export class CrossbpfError extends Error {
  override readonly name = 'CrossbpfError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly facts: ErrorFacts;

  constructor({ code, message, hint, cause, ...facts }: CrossbpfErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.facts = facts;
  }

  /** The same error with more that goes with it: where it happened, what was printed, what caused it. */
  with(more: ErrorFacts & { readonly cause?: unknown }): CrossbpfError {
    const { code, message, hint, cause, facts } = this;
    return new CrossbpfError({
      ...{ code, message, cause, ...facts, ...more },
      ...(hint === undefined ? {} : { hint }),
    });
  }

  get kind(): FailureKind {
    return this.code.startsWith('USAGE_') ? 'usage' : 'infrastructure';
  }

  /** One line: where, what, and what to do next. */
  get summary(): string {
    const { target, file } = this.facts;
    const where = [target, file].filter(part => part !== undefined).join(': ');
    const what = where === '' ? this.message : `${where}: ${this.message}`;
    if (this.hint === undefined) return what;
    return /[.?!]$/.test(what) ? `${what} ${this.hint}` : `${what}. ${this.hint}`;
  }
}

/** Anything that was thrown, as an error with a message. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
