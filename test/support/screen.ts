/** What a terminal makes of bytes: the text that is on it, and everything else that it was made to do. */
export interface Screen {
  readonly lines: readonly string[];
  /** Sequences but those of colours, control characters but the end of a line, and characters that deceive. */
  readonly actions: readonly string[];
}

// As ECMA-48 has them: CSI, then OSC, DCS, SOS, PM and APC up to their ends, then other escapes; and the C1 forms.
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about.
  /(?:\x1b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\x07\x1b\u009c]*(?:\x07|\x1b\\|\u009c)?|\x1b[ -/]*[0-~]?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about.
const COLOR = /^\x1b\[[\d;]*m$/;
/** Cursor movement, bells, text direction, what has no width, halves of characters. */
const ACTING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Reads output as a terminal does. */
export function readScreen(output: string): Screen {
  const sequences = [...output.matchAll(SEQUENCE)].map(([sequence]) => sequence);
  const text = output.replaceAll(SEQUENCE, '');
  const acting = [...text.matchAll(ACTING)].map(([character]) => character);
  return {
    lines: text.split('\n'),
    actions: [
      ...sequences.filter(each => !COLOR.test(each)),
      ...acting.filter(each => each !== '\n'),
    ].map(each => JSON.stringify(each)),
  };
}
