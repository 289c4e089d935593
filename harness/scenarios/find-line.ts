/**
 * The line, from 1, on which a part of a scenario is written: `findLine(text, 'steps[2].expect.retval')`. It
 * reads literals only; of what is made otherwise (a spread, a call, a variable), the line of what is nearest
 * around it. Undefined when not even the scenario is found.
 */
export function findLine(text: string, path: string): number | undefined {
  const start = /\bdefineScenario\s*\(\s*(?=\{)|\bexport\s+default\s+(?=\{)|^\s*(?=\{)/.exec(text);
  if (start === null) return undefined;
  const places = new LiteralScanner(text).scan(start.index + start[0].length);
  let before: string | undefined;
  for (let name = path; name !== '' && name !== before; name = parentOf(name)) {
    before = name;
    const at = places.get(name) ?? places.get(name.replace(/\[0\](?=[^[\]]*$)/, ''));
    if (at !== undefined) return lineAt(text, at);
  }
  return undefined;
}

function parentOf(path: string): string {
  return path.replace(/(\.[\w$]+|\['[^']*'\]|\[[^\]]*\]|^[\w$]+)$/, '');
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

const CLOSING = new Set(['}', ']', ')']);
const OPENING = new Set(['{', '[', '(']);

/** Walks a literal of JavaScript, TypeScript or JSON, and notes where each of its parts begins. */
class LiteralScanner {
  readonly #text: string;
  readonly #places = new Map<string, number>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(start: number): ReadonlyMap<string, number> {
    this.#at = start;
    this.#object('');
    return this.#places;
  }

  get #next(): string {
    return this.#text[this.#at] ?? '';
  }

  #object(path: string): void {
    this.#at += 1;
    for (this.#skipBlank(); this.#isInside(); this.#skipBlank()) {
      const at = this.#at;
      const name = this.#memberName();
      if (name !== undefined) {
        const member = memberPath(path, name);
        this.#places.set(member, at);
        this.#skipBlank();
        if (this.#next === ':') {
          this.#at += 1;
          this.#value(member);
        }
      }
      this.#skipExpression();
    }
    this.#at += 1;
  }

  #list(path: string): void {
    this.#at += 1;
    this.#skipBlank();
    // Behind a spread nobody knows the index.
    let isKnown = true;
    for (let index = 0; this.#isInside(); index += 1) {
      isKnown &&= !this.#text.startsWith('...', this.#at);
      const element = `${path}[${index}]`;
      if (isKnown) {
        this.#places.set(element, this.#at);
        this.#value(element);
      }
      this.#skipExpression();
      this.#skipBlank();
    }
    this.#at += 1;
  }

  #value(path: string): void {
    this.#skipBlank();
    if (this.#next === '{') this.#object(path);
    else if (this.#next === '[') this.#list(path);
  }

  #memberName(): string | undefined {
    const [whole, plain, single, double] =
      /^(?:([\w$]+)|'([^'\n]*)'|"([^"\n]*)")/.exec(this.#text.slice(this.#at, this.#at + 200)) ??
      [];
    this.#at += whole?.length ?? 0;
    return plain ?? single ?? double;
  }

  #isInside(): boolean {
    return this.#next !== '' && !CLOSING.has(this.#next);
  }

  /** To behind the comma that ends an element, or to the bracket that ends what it is in. */
  #skipExpression(): void {
    let depth = 0;
    for (this.#skipBlank(); this.#next !== ''; this.#skipBlank()) {
      const next = this.#next;
      if (depth === 0 && CLOSING.has(next)) return;
      if (depth === 0 && next === ',') {
        this.#at += 1;
        return;
      }
      if (OPENING.has(next)) depth += 1;
      if (CLOSING.has(next)) depth -= 1;
      this.#skipToken();
    }
  }

  /** A string, a template or a regular expression as a whole, or one character. */
  #skipToken(): void {
    const rest = this.#text.slice(this.#at);
    const before = this.#text.slice(0, this.#at).trimEnd().at(-1) ?? '';
    const literal =
      /^'(?:\\.|[^'\\\n])*'|^"(?:\\.|[^"\\\n])*"|^`(?:\\.|[^`\\])*`/s.exec(rest)?.[0] ??
      ('(,=:[!&|?{;+'.includes(before) ? /^\/(?:\\.|\[[^\]]*\]|[^/\\\n])+\//.exec(rest)?.[0] : '');
    this.#at += literal?.length || 1;
  }

  #skipBlank(): void {
    const blank = /(?:\s+|\/\/[^\n]*|\/\*.*?\*\/)*/sy;
    blank.lastIndex = this.#at;
    this.#at += blank.exec(this.#text)?.[0].length ?? 0;
  }
}

/** As `formatPath` writes it. */
function memberPath(path: string, name: string): string {
  const step = /^[\w$.]+$/.test(name) ? name : `['${name}']`;
  return path === '' || step.startsWith('[') ? `${path}${step}` : `${path}.${step}`;
}
