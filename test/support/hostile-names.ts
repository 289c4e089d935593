const ESC = '\x1b';

/** Names that an object, a source or a file may have, each of which does something where it is shown as it is. */
export const HOSTILE_NAMES: readonly string[] = [
  `${ESC}[2J${ESC}[H`,
  `${ESC}]8;;https://evil.example/${ESC}\\click${ESC}]8;;${ESC}\\`,
  `${ESC}]0;title\x07`,
  `${ESC}P+q544e${ESC}\\`,
  '\u009b2J\u009d0;title\u009c',
  'first\rsecond',
  'a\nb\n::error::forged',
  '::error::forged',
  '  ::set-output name=x::forged',
  'word ::add-mask::a',
  '::stop-commands::token',
  'x ##[error]forged',
  '##[set-env name=PATH]/evil',
  'a%0A::error::forged%0D',
  ']]><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>&amp;',
  '`code` **bold** [link](https://evil.example) ![i](http://evil.example) @everyone #1 | cell | \\',
  'safe\u202egnp.exe\u2066\u2069\u200f',
  'zero\u200bwidth\ufeff\u2028line\u2029paragraph\u0085next',
  'tag\u{e0041}\u{e0042}',
  'lone\ud800surrogate\udfff',
  'nul\0bell\x07backspace\b\bdel\x7f\ufffe',
  `${'very long '.repeat(5000)}::error::end`,
  'constructor',
];
