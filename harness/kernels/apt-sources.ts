/** One `deb` source of apt, for one suite. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** The keyring file that it must be signed by, where the source names one. */
  readonly signedBy?: string;
}

/** Reads apt's one-line format (`*.list`); see sources.list(5). */
export function parseOneLineSources(text: string): AptSource[] {
  return text.split('\n').flatMap(parseLine);
}

function parseLine(line: string): AptSource[] {
  const pattern = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$/;
  const match = pattern.exec(line.replace(/#.*$/, ''));
  if (match === null) {
    return [];
  }
  const [, options = '', uri = '', suite = '', components = ''] = match;
  const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1];
  return [{ uri, suite, components: words(components), ...keyring(signedBy) }];
}

/** Reads apt's deb822 format (`*.sources`): a source for each of its addresses and suites. */
export function parseDeb822Sources(text: string): AptSource[] {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  return withoutComments.split(/\n\s*\n/).flatMap(parseStanza);
}

function parseStanza(stanza: string): AptSource[] {
  const fields = readFields(stanza);
  const enabled = fields.get('enabled')?.toLowerCase() ?? 'yes';
  if (!words(fields.get('types')).includes('deb') || ['no', 'false'].includes(enabled)) {
    return [];
  }
  const components = words(fields.get('components'));
  const signedBy = keyring(fields.get('signed-by'));
  return words(fields.get('uris')).flatMap(uri =>
    words(fields.get('suites')).map(suite => ({ uri, suite, components, ...signedBy })),
  );
}

/** Field names in lower case; a line that starts with a blank continues the one before. */
function readFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of stanza.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) {
      fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
  }
  return fields;
}

function words(text: string | undefined): string[] {
  return text?.split(/\s+/).filter(word => word !== '') ?? [];
}

/** An embedded key (deb822 allows one) is no file. */
function keyring(value: string | undefined): { readonly signedBy?: string } {
  return value?.startsWith('/') ? { signedBy: value } : {};
}
