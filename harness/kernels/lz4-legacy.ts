/**
 * Decompresses LZ4's legacy frame, the one that kernels are packed in (`lz4 -l`, scripts/Makefile.lib).
 * The frame has no end mark: it ends with the data, or where a block's size cannot be one (the kernel
 * appends the size of the whole).
 *
 * Format: lz4_Frame_format.md, "Legacy frame", and lz4_Block_format.md, of lz4's repository.
 */
export function decompressLz4Legacy(data: Buffer): Buffer {
  const blocks: Buffer[] = [];
  let at = 4;
  while (at + 4 <= data.length) {
    const size = data.readUInt32LE(at);
    if (size === 0 || at + 4 + size > data.length) {
      break;
    }
    blocks.push(decompressBlock(data.subarray(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}

/** Every block but the last holds 8 MiB. */
const BLOCK_BYTES = 8 * 1024 * 1024;
const MIN_MATCH = 4;

function decompressBlock(input: Buffer): Buffer {
  const output = Buffer.allocUnsafe(BLOCK_BYTES);
  let from = 0;
  let to = 0;
  const readLength = (short: number): number => {
    let length = short;
    for (let byte = short === 15 ? 255 : 0; byte === 255; ) {
      byte = input[from++] ?? 0;
      length += byte;
    }
    return length;
  };
  while (from < input.length) {
    const token = input[from++] ?? 0;
    const literals = readLength(token >> 4);
    input.copy(output, to, from, from + literals);
    from += literals;
    to += literals;
    if (from >= input.length) {
      break;
    }
    const distance = input.readUInt16LE(from);
    from += 2;
    const length = readLength(token & 15) + MIN_MATCH;
    if (distance === 0 || distance > to || to + length > BLOCK_BYTES) {
      throw new RangeError('damaged LZ4 data');
    }
    copyMatch(output, to, { distance, length });
    to += length;
  }
  return output.subarray(0, to);
}

/** A match may reach into what it writes: then what is there repeats. */
function copyMatch(
  output: Buffer,
  to: number,
  { distance, length }: { readonly distance: number; readonly length: number },
): void {
  if (distance >= length) {
    output.copyWithin(to, to - distance, to - distance + length);
    return;
  }
  for (let at = to; at < to + length; at += 1) {
    output[at] = output[at - distance] ?? 0;
  }
}
