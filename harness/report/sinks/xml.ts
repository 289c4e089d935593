const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
};

/**
 * XML 1.0 has no form at all for most control characters, lone surrogates, and two others. C1 controls and those of
 * text direction it has, but who prints the file would act on them.
 */
const NOT_IN_XML = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]--[\t\n]]/gv;

/** What GitHub's runner takes for a command, where the file is printed: see `terminalText`. */
const RUNNER_COMMAND = /^(\s*):(?=:)/gm;

/** Foreign text in an element of XML, lines kept. */
export function xmlText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(NOT_IN_XML, '�')
    .replaceAll(/[&<>"]/g, each => ENTITIES[each] ?? each)
    .replaceAll('##[', '##&#91;')
    .replaceAll(RUNNER_COMMAND, '$1&#58;');
}

/** Foreign text in an attribute of XML, whose parser makes blanks of what ends lines. */
export function xmlAttribute(text: string): string {
  return xmlText(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
