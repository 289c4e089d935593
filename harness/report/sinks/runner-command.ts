import { terminalText } from './terminal.ts';

/** The text of a workflow command, `::error::TEXT`: the runner decodes it and prints it into its log. */
export function commandData(text: string): string {
  return escapeData(terminalText(text));
}

/** The value of a workflow command's property, `::error file=VALUE::`. */
export function commandProperty(text: string): string {
  return commandData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
