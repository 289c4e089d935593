import type { AgentSession } from '../agent/agent-session.ts';
import type { Guest } from '../vm/guest.ts';

/** A guest whose work is done, with the session of its agent. */
export interface SpareGuest {
  readonly guest: Guest;
  readonly session: AgentSession;
}

/** A spare guest takes some 30 MB of memory of its own. */
const LIMIT = 16;
/** A guest may have died while it waited; if rewinding fails as often as this, it cannot be done here. */
const MAX_FAILURES = 3;

/** Guests that wait to be used again, each by the plan that it was started by. Disposing ends them. */
export class SpareGuests implements AsyncDisposable {
  #spares: { readonly plan: string; readonly spare: SpareGuest }[] = [];
  readonly #failures = new Map<string, number>();
  #isClosed = false;

  /** One that was started by this plan. */
  take(plan: string): SpareGuest | undefined {
    const index = this.#spares.findLastIndex(each => each.plan === plan);
    return index === -1 ? undefined : this.#spares.splice(index, 1)[0]?.spare;
  }

  /** Notes that a guest of this plan could not be used again. */
  noteFailure(plan: string): void {
    this.#failures.set(plan, (this.#failures.get(plan) ?? 0) + 1);
  }

  /** Keeps a guest, unless another one is better started. The one that has waited longest makes room for it. */
  async keep(plan: string, spare: SpareGuest): Promise<void> {
    const isHopeless = (this.#failures.get(plan) ?? 0) >= MAX_FAILURES;
    const { rewinding } = spare.guest;
    if (this.#isClosed || isHopeless || rewinding?.isWorn) return endGuest(spare);
    rewinding?.pause();
    this.#spares.push({ plan, spare });
    const oldest = this.#spares.length > LIMIT ? this.#spares.shift() : undefined;
    if (oldest !== undefined) await endGuest(oldest.spare);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const spares = this.#spares.splice(0);
    await Promise.all(spares.map(({ spare }) => endGuest(spare)));
  }
}

/** Ends a guest and the session of its agent. */
export async function endGuest({ guest, session }: SpareGuest): Promise<void> {
  await session[Symbol.asyncDispose]();
  await guest[Symbol.asyncDispose]();
}
