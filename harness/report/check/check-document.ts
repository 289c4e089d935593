import type { CheckedProgram, CheckResult } from '../../portability/check-objects.ts';

/** The result as JSON, `"schema": "crossbpf/check@1"`. A prediction is marked `static`: it is never a verdict. */
export function checkDocument({ targets, types, objects, linux, windows }: CheckResult): object {
  return {
    schema: 'crossbpf/check@1',
    mode: 'static',
    targets: targets.map(({ id, platform, version }) => ({
      ...{ id, platform, version },
      ...(platform === 'linux' ? { types: types.get(id) ?? null } : {}),
    })),
    floor: { linux: linux?.text ?? null, windows: windows?.text ?? null },
    objects: objects.map(({ id, file, error, programs }) => ({
      ...{ id, file, error },
      programs: programs.map(describeProgram),
    })),
  };
}

function describeProgram(program: CheckedProgram): object {
  const { name, type, section, predictions, linux, windows } = program;
  return {
    ...{ name, type, section },
    floor: { linux: linux.text, windows: windows.text },
    predictions: Object.fromEntries(predictions),
  };
}
