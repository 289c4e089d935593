import type { LoadedReply } from '../agent/messages.ts';
import type { ProgramObservation } from './observation.ts';

type ObjectReply = NonNullable<LoadedReply['object']>;

/** What a target said of an object as a whole, in the form of an answer on a program. */
export function observeObject({
  verdict,
  failed,
  errno,
  message,
  log,
}: ObjectReply): ProgramObservation {
  const isAccepted = verdict === 'accept';
  return {
    type: 'object',
    section: '',
    verdict,
    errno,
    reason: isAccepted ? null : `${failed}: ${message || (errno ?? 'no reason was given')}`,
    insns: null,
    states: null,
    stack: [],
    source: null,
    origin: 'kernel',
    notLoaded: null,
    notes: [],
    analysis: null,
    loadMs: 0,
    log,
    logOmitted: 0,
  };
}
