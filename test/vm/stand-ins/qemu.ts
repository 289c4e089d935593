/**
 * A stand-in for QEMU that does as its first argument says; the others are QEMU's. It speaks on the
 * inherited descriptors: 3 is the monitor, 4 the agent's port, 5 the console. It prints its process id
 * on the console first, unless it says nothing.
 */
import { execSync } from 'node:child_process';
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';

const [mode, ...args] = process.argv.slice(2);
const [monitor, port] = [3, 4].map(fd => new Socket({ fd })) as [Socket, Socket];
const console = { write: (text: string) => writeSync(5, text) };
const send = (message: object) => monitor.write(`${JSON.stringify(message)}\n`);
const memory = /mem-path=([^,]+)/.exec(args.join(' '))?.[1];

/** Acts, then ends once everything that was written has left. */
function endWith(code: number): void {
  monitor.end(() => process.exit(code));
}

function openPort(): void {
  send({ event: 'VSERPORT_CHANGE', data: { id: 'agent', open: true } });
}

function echo(): void {
  port.on('data', chunk => port.write(chunk));
}

function answerCommands(): void {
  monitor.on('data', chunk => {
    for (const line of String(chunk).split('\n').filter(Boolean)) {
      const { execute, arguments: given, id } = JSON.parse(line);
      const refused = refusalOf(execute, given?.uri);
      if (refused !== undefined) {
        send({ error: { class: 'GenericError', desc: refused }, id });
        continue;
      }
      const failed = { status: 'failed', desc: 'Unable to write to command: Broken pipe' };
      send({ return: execute === 'query-migrate' ? failed : {}, id });
      if (execute === 'migrate' && mode === 'cannot save') failToSave();
      else if (execute === 'migrate') saveTo(given.uri);
      if (execute === 'migrate-incoming') loadState();
    }
  });
}

/** Before 8.2 QEMU has no `file:`; 11 has no `fd:` for files, and takes nothing more once it was tried. */
function refusalOf(command: string, uri: string): string | undefined {
  if (command !== 'migrate-incoming') return undefined;
  if (mode === 'is 7.2' && uri.startsWith('file:')) return 'unknown migration protocol: file';
  if (mode !== 'is 11') return undefined;
  if (hasTriedDescriptor) return 'The incoming migration has already been started';
  hasTriedDescriptor = uri.startsWith('fd:');
  return hasTriedDescriptor ? 'migration to a file is not supported. Use file: instead' : undefined;
}

let hasTriedDescriptor = false;

function saveTo(uri: string): void {
  if (memory !== undefined) writeFileSync(memory, 'memory');
  execSync(uri.replace(/^exec:/, ''), { input: 'state' });
  send({ event: 'MIGRATION', data: { status: 'completed' } });
}

function failToSave(): void {
  process.stderr.write('cat: write error: No space left on device\n');
  send({ event: 'MIGRATION', data: { status: 'failed' } });
}

function loadState(): void {
  if (readFileSync(8, 'utf8') === 'state') {
    echo();
    return;
  }
  process.stderr.write('qemu: load of migration failed: Invalid argument\n');
  endWith(1);
}

function work(): void {
  answerCommands();
  if (args.includes('-incoming')) return;
  echo();
  openPort();
}

const PANIC = '[    1.0] Kernel panic - not syncing: VFS: Unable to mount root fs\n';

const behaviours: Record<string, () => void> = {
  'dies at once': () => {
    process.stderr.write('qemu: -machine pc: unsupported machine type\n');
    endWith(1);
  },
  'says nothing': () => {},
  'is silent': () => console.write('Booting\nlast words\n'),
  'panics and ends': () => {
    console.write(PANIC);
    send({ event: 'SHUTDOWN', data: { guest: true, reason: 'guest-reset' } });
    endWith(0);
  },
  'panics and hangs': () => console.write(PANIC),
  'powers off': () => {
    send({ event: 'SHUTDOWN', data: { guest: true, reason: 'guest-shutdown' } });
    endWith(0);
  },
  works: work,
  'describes itself': () => {
    const status = readFileSync('/proc/self/status', 'utf8');
    const [uid, privileges] = [/^Uid:\t(\d+)/m, /^NoNewPrivs:\t(\d)/m].map(
      p => p.exec(status)?.[1],
    );
    const variables = Object.keys(process.env).sort();
    console.write(`${JSON.stringify({ uid, privileges, variables })}\n`);
    work();
  },
  'is 7.2': work,
  'is 11': work,
  'cannot save': work,
};

if (mode !== 'says nothing') console.write(`process ${process.pid}\n`);
send({ QMP: { version: {}, capabilities: [] } });
const behaviour = behaviours[mode ?? ''];
if (behaviour === undefined) throw new Error(`no such behaviour: ${mode}`);
behaviour();
