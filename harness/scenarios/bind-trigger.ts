import path from 'node:path';
import type { AttachTarget, TriggerEvent } from '../agent/play-messages.ts';
import { hexDigits } from './encode-entry.ts';
import type { ScenarioFiles } from './scenario-files.ts';
import type { UserAttachTarget, UserTrigger } from './step-schemas.ts';

/** An event as it is sent; `where` is its path in the scenario. */
export function bindTrigger(event: UserTrigger, files: ScenarioFiles, where: string): TriggerEvent {
  if ('exec' in event) {
    return { what: 'exec', file: null, arguments: event.exec === true ? [] : event.exec.arguments };
  }
  if ('run' in event) {
    const file = files.take(event.run, `${where}.run`);
    return { what: 'exec', file, arguments: event.arguments };
  }
  if ('open' in event) return { what: 'open', path: event.open, maxBytes: event.maxBytes };
  if ('udp' in event) return { what: 'udp', ...event.udp, payload: hexDigits(event.udp.payload) };
  if ('tcp' in event) return { what: 'tcp', ...event.tcp, payload: hexDigits(event.tcp.payload) };
  if ('signal' in event) return { what: 'signal', signal: event.signal };
  return { what: 'sleep', milliseconds: event.sleep };
}

/** Where a program is attached, as it is sent; `where` is its path in the scenario. */
export function bindAttachTarget(
  to: UserAttachTarget,
  files: ScenarioFiles,
  where: string,
): AttachTarget {
  if ('kprobe' in to) return { at: 'kprobe', symbol: to.kprobe, offset: to.offset };
  if ('tracepoint' in to) {
    const [group = '', name = ''] = to.tracepoint.split('/');
    return { at: 'tracepoint', group, name };
  }
  if ('rawTracepoint' in to) return { at: 'raw-tracepoint', name: to.rawTracepoint };
  if ('interface' in to) return { at: 'interface', ...to };
  if ('netfilter' in to) return { at: 'netfilter', hook: to.netfilter, priority: to.priority };
  if ('cgroup' in to) return { at: 'cgroup' };
  if ('perfEvent' in to) return { at: 'perf-event', hertz: to.perfEvent.hertz };
  if ('socket' in to) return { at: 'socket' };
  if ('map' in to) return { at: 'map', map: to.map };
  const { uprobe: symbol, file } = to;
  if (file === undefined) return { at: 'uprobe', symbol };
  const named = path.posix.isAbsolute(file) ? file : files.take(file, `${where}.file`);
  return { at: 'uprobe', symbol, file: named };
}
