/** Adds up the times between its starts and stops. It goes when it is made. */
export class Stopwatch {
  readonly #now: () => number;
  #startedAt: number | undefined;
  #before = 0;

  /** @param startedAt since when it goes, by `now`, which is in milliseconds */
  constructor(startedAt: number, now = () => performance.now()) {
    this.#startedAt = startedAt;
    this.#now = now;
  }

  /** For how long it went, in all. */
  get milliseconds(): number {
    return this.#before + (this.#startedAt === undefined ? 0 : this.#now() - this.#startedAt);
  }

  /** Does nothing while it goes. */
  start(): void {
    this.#startedAt ??= this.#now();
  }

  stop(): void {
    this.#before = this.milliseconds;
    this.#startedAt = undefined;
  }
}
