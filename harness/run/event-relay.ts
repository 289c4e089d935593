import type { RunEvent, RunListener } from './events.ts';

/** Hands events on to a listener; keeps those that come before there is one. */
export class EventRelay {
  #early: RunEvent[] = [];
  #listener: RunListener = event => void this.#early.push(event);

  readonly emit: RunListener = event => this.#listener(event);

  /** Tells the listener what has happened, and from now on what happens. */
  listen(listener: RunListener): void {
    this.#listener = listener;
    for (const event of this.#early.splice(0)) listener(event);
  }
}
