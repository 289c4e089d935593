import type { KernelProgress } from '../kernels/progress.ts';
import type { RunEvent } from '../run/events.ts';
import type { SnapshotEvent } from '../vm/warm-guest.ts';
import { createColors } from './colors.ts';
import { formatBytes } from './format-bytes.ts';
import type { ReporterOutput } from './reporter.ts';
import { terminalText } from './sinks/terminal.ts';

/** What stays on the screen. */
const NOTICES: ReadonlySet<KernelProgress['type']> = new Set([
  'archive:stale',
  'archive:unavailable',
  'kernel:damaged',
  'lock:waiting',
]);

/** Says on standard error what a run is doing; one line that changes on a terminal, few lines elsewhere. */
export class ProgressDisplay {
  readonly #output: ReporterOutput;
  readonly #saving = new Set<string>();
  #answers = { done: 0, of: 0 };
  #lineShown = false;
  #announced = new Set<string>();

  constructor(output: ReporterOutput) {
    this.#output = output;
  }

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'kernel:progress':
        return this.#kernelProgress(event.progress);
      case 'run:starting':
        this.#answers = { done: 0, of: event.targets.length * event.fixtures.length };
        return this.#redraw();
      case 'target:snapshot':
        return this.#snapshot(event.target, event.event);
      case 'target:ready':
        this.#saving.delete(event.target);
        return this.#redraw();
      case 'target:connected':
        return;
      case 'target:notice':
        return this.#line(`${event.target}: ${event.message}`);
      case 'target:failed':
        return this.#line(`error: ${event.error.summary}`);
      case 'fixture:observed':
        this.#answers = { ...this.#answers, done: this.#answers.done + 1 };
        return this.#redraw(`${event.fixture} on ${event.target}`);
    }
  }

  /** Removes the line that changes. */
  clear(): void {
    if (this.#lineShown) this.#output.write('\r\x1b[K');
    this.#lineShown = false;
  }

  #snapshot(target: string, event: SnapshotEvent): void {
    if (event.type === 'snapshot:saving') {
      this.#saving.add(target);
      return this.#redraw();
    }
    if (event.type === 'snapshot:unavailable') {
      return this.#line(`${target}: the guest is booted, as none can be saved: ${event.reason}`);
    }
    this.#line(`${target}: the saved guest was thrown away, and is made anew: ${event.reason}`);
  }

  #kernelProgress(progress: KernelProgress): void {
    const text = describeKernelProgress(progress);
    if (NOTICES.has(progress.type)) this.#line(text);
    else if (this.#output.isTerminal) this.#show(text);
    else this.#announce(progress, text);
  }

  /** Off a terminal: the start of each thing once, not every step of it. */
  #announce(progress: KernelProgress, text: string): void {
    const subject = 'release' in progress ? progress.release : 'archive';
    const key = `${progress.type} ${subject}`;
    if (this.#announced.has(key)) return;
    this.#announced.add(key);
    if (progress.type !== 'archive:updated' && progress.type !== 'archive:absent') this.#line(text);
  }

  #redraw(last = ''): void {
    if (!this.#output.isTerminal) return;
    const { done, of } = this.#answers;
    const saving = [...this.#saving].join(', ');
    const state = saving === '' ? last : `booting ${saving} for the first time`;
    this.#show(`${done}/${of} ${state}`);
  }

  #show(raw: string): void {
    const text = terminalText(raw);
    const { color, columns } = this.#output;
    const fitting = text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
    this.#output.write(`\r\x1b[K${createColors(color).dim(fitting)}`);
    this.#lineShown = true;
  }

  #line(text: string): void {
    this.clear();
    this.#output.write(`${terminalText(text)}\n`);
  }
}

function describeKernelProgress(progress: KernelProgress): string {
  switch (progress.type) {
    case 'archive:updating':
      return `reading the lists of Debian’s archive (${progress.suite})`;
    case 'archive:updated':
      return `${progress.suite}: ${progress.builds} kernels`;
    case 'archive:absent':
      return `${progress.suite} is not on this mirror`;
    case 'archive:unavailable':
      return `the list of ${progress.suite} cannot be had (${progress.reason}); a newer build may be in it`;
    case 'archive:stale':
      return `Debian’s archive cannot be reached (${progress.reason}); using its list of ${age(progress.ageMs)} ago`;
    case 'kernel:downloading': {
      const { release, doneBytes, totalBytes } = progress;
      return `downloading ${release}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
    }
    case 'kernel:damaged':
      return `the cached kernel ${progress.name} is damaged, and is fetched again`;
    case 'kernel:extracting':
      return `extracting ${progress.release}`;
    case 'kernel:ready':
      return `${progress.release} is ready`;
    case 'lock:waiting':
      return `waiting for another run: ${progress.holder}`;
  }
}

function age(milliseconds: number): string {
  const hours = Math.round(milliseconds / 3_600_000);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
