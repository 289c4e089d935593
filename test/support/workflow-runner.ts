/** A command that GitHub's runner found in the output of a step. */
export interface RunnerCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** `ActionCommand` of actions/runner: those that it has handlers for. */
const REGISTERED = new Set([
  ...['internal-set-repo-path', 'set-env', 'set-output', 'save-state', 'add-path', 'add-mask'],
  ...['add-matcher', 'remove-matcher', 'debug', 'notice', 'warning', 'error', 'group'],
  ...['endgroup', 'echo', 'stop-commands'],
]);

/**
 * The commands in a step's output, as the runner finds them: a line ends at LF, CR, or both; `::name properties::data`
 * is one at the start of a line, behind any blanks; `##[name properties]data` anywhere in it.
 */
export function readCommands(output: string): RunnerCommand[] {
  return output.split(/\r\n|\r|\n/).flatMap(line => parseV2(line) ?? parseV1(line) ?? []);
}

function parseV2(line: string): RunnerCommand | undefined {
  const message = line.trimStart();
  if (!message.startsWith('::')) return undefined;
  const end = message.indexOf('::', 2);
  if (end < 0) return undefined;
  const decode = (text: string) =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const data = message.slice(end + 2);
  return toCommand(message.slice(2, end), {
    ...{ separator: ',', decode },
    data: data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%'),
  });
}

function parseV1(line: string): RunnerCommand | undefined {
  const start = line.indexOf('##[');
  const end = start < 0 ? -1 : line.indexOf(']', start);
  if (end < 0) return undefined;
  const decode = (text: string) =>
    text
      .replaceAll('%3B', ';')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%5D', ']');
  const data = decode(line.slice(end + 1));
  return toCommand(line.slice(start + 3, end), { separator: ';', decode, data });
}

interface Parsing {
  readonly separator: string;
  readonly decode: (text: string) => string;
  readonly data: string;
}

function toCommand(info: string, { separator, decode, data }: Parsing) {
  const [, name = '', rest = ''] = /^([^ ]*) ?(.*)$/s.exec(info) ?? [];
  if (!REGISTERED.has(name)) return undefined;
  const pairs = rest
    .trim()
    .split(separator)
    .flatMap(pair => {
      const at = pair.indexOf('=');
      return at < 0 ? [] : [[pair.slice(0, at), decode(pair.slice(at + 1))]];
    });
  return { name, properties: Object.fromEntries(pairs), data };
}
