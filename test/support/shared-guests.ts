import type { Connection, Target } from '../../harness/targets/connection.ts';
import { findTargets } from './stage.ts';

/** One guest of each kernel for all tests of a file, started when it is first wanted. Disposing ends them. */
export class SharedGuests implements AsyncDisposable {
  readonly #opened = new Map<string, Promise<Connection>>();
  #targets: Promise<ReadonlyMap<string, Target>> | undefined;
  readonly #names: readonly string[];

  constructor(series: readonly string[]) {
    this.#names = series.map(nameOf);
  }

  /** The guest that all share: each scenario must leave it as it was. */
  of(series: string): Promise<Connection> {
    const opened = this.#opened.get(series) ?? this.open(series);
    this.#opened.set(series, opened);
    return opened;
  }

  /** A guest of the caller's own, which it closes. */
  async open(series: string): Promise<Connection> {
    this.#targets ??= findTargets(this.#names);
    const target = (await this.#targets).get(nameOf(series));
    if (target === undefined) throw new Error(`no target ${nameOf(series)}`);
    return target.open(new AbortController().signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await Promise.allSettled(this.#opened.values());
    for (const each of opened) {
      if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]();
    }
  }
}

function nameOf(series: string): string {
  return `linux@${series}`;
}
