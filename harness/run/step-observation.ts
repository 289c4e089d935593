import type { InspectedMap } from '../agent/inspected-object.ts';
import type { StepReply, WireEntry } from '../agent/play-messages.ts';
import type { Platform } from '../config/platform.ts';
import type { AnswerShape, BoundStep } from '../scenarios/bound-scenario.ts';
import { decodeKey, decodeValues, recordLayout } from '../scenarios/encode-entry.ts';
import { returnName } from '../scenarios/return-names.ts';
import { decodeValue } from '../values/decode-value.ts';
import type { Json } from '../values/json.ts';
import type { EntryObservation, StepObservation } from './observation.ts';

/** What an agent said of a step, in words and values. */
export function observeStep(
  step: BoundStep,
  reply: StepReply,
  platform: Platform,
): StepObservation {
  const { answer } = step;
  if (reply.unsupported === true) return unplayedStep(step, 'skipped', { message: reply.message });
  const { ok, errno, retval = null, dataOut, runNs = null } = reply;
  const programType = answer.kind === 'run' ? answer.programType : '';
  return {
    ...titleOf(step),
    status: ok ? 'ok' : 'failed',
    errno,
    message: wordsOf(reply, answer),
    retval,
    retvalName: retval === null ? null : returnName(retval, { platform, programType }),
    dataOut: dataOut === undefined ? null : `0x${dataOut}`,
    value: ok ? answerValue(reply, answer) : null,
    runNs,
  };
}

interface Why {
  readonly message: string;
  /** Of the system call that stood against it. */
  readonly errno?: string | null;
}

/** A step that was not carried out: `skipped` where the target lacks what it needs, `failed` where it could not be had. */
export function unplayedStep(
  step: BoundStep,
  status: 'skipped' | 'failed',
  { message, errno = null }: Why,
): StepObservation {
  const nothing = { errno, retval: null, retvalName: null, dataOut: null, value: null };
  return { ...titleOf(step), status, message, ...nothing, runNs: null };
}

function titleOf({ name, kind, subject }: BoundStep) {
  return { name, kind, subject };
}

/** What is said of each step that needs a network on a kernel that cannot make one. */
export const NO_NETWORK = 'this kernel has no veth, which the network of a scenario is made of';

/** As the agent tells that (agent/netlink/link.go, AddPair) where the kernel does not know the kind of interface. */
const NO_VETH = 'make a pair of interfaces (veth): operation not supported';

/** Of what the kernel has no means for, what can be done instead. */
function wordsOf({ ok, errno, message, lost = 0, truncated }: StepReply, answer: AnswerShape) {
  if (!ok && answer.kind === 'run' && ['ENOTSUPP', 'EOPNOTSUPP'].includes(errno ?? '')) {
    return `this kernel cannot run a program of type ${answer.programType} by itself: attach it, and trigger it`;
  }
  if (!ok) return message.endsWith(NO_VETH) ? NO_NETWORK : message;
  if (lost > 0) return `${lost} records did not fit into the buffer`;
  return truncated === true ? 'there was more, which was not read' : '';
}

function answerValue(reply: StepReply, answer: AnswerShape): Json | null {
  const { entries = [], records = [], text = '', received } = reply;
  switch (answer.kind) {
    case 'entries':
      return entries.map(entry => ({ ...decodeEntry(answer.map, entry) }));
    case 'value': {
      const [entry] = entries;
      return entry === undefined ? null : decodeEntry(answer.map, entry).value;
    }
    case 'records':
      return records.map(record => {
        const bytes = Buffer.from(record, 'hex').subarray(0, answer.size ?? undefined);
        return decodeValue(bytes, recordLayout(answer.map));
      });
    case 'text':
      return linesOf(text);
    case 'trigger':
      if (received !== undefined) return { received };
      return text === '' ? null : linesOf(text);
    default:
      return null;
  }
}

/** An entry of a map as reports show it. */
export function decodeEntry(map: InspectedMap, { key, values }: WireEntry): EntryObservation {
  return { key: decodeKey(map, key), value: decodeValues(map, values) };
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
