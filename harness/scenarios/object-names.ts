import type { InspectedMap, InspectedObject, InspectedProgram } from '../agent/inspected-object.ts';
import { badValue, suggest } from '../values/bad-value.ts';

/** A global variable, and the section that it is in. */
export interface Variable {
  readonly section: string;
  readonly name: string;
  /** In bytes, from the start of the section. */
  readonly offset: number;
  readonly size: number;
  readonly layout: InspectedObject['sections'][number]['variables'][number]['layout'];
}

/** Finds by name what is in an object. Each method throws CrossbpfError `USAGE_BAD_VALUE`, with the nearest name. */
export class ObjectNames {
  readonly object: InspectedObject;

  constructor(object: InspectedObject) {
    this.object = object;
  }

  program(name: string, path: string): InspectedProgram {
    const found = this.object.programs.find(program => program.name === name);
    return found ?? this.#missing('program', name, { path, known: this.object.programs });
  }

  map(name: string, path: string): InspectedMap {
    const found = this.object.maps.find(map => map.name === name);
    const known = this.object.maps.filter(map => !this.isSection(map.name));
    return found ?? this.#missing('map', name, { path, known });
  }

  variable(name: string, path: string): Variable {
    const known = this.#variables();
    return this.findVariable(name) ?? this.#missing('global variable', name, { path, known });
  }

  findVariable(name: string): Variable | undefined {
    return this.#variables().find(variable => variable.name === name);
  }

  /** Whether a map holds the global variables of a section. */
  isSection(name: string): boolean {
    return this.object.sections.some(section => section.name === name);
  }

  /** The programs that a struct_ops map is made of, which name its type as what they attach to; undefined for others. */
  functionsOf(map: string): string[] | undefined {
    const { type, value } = this.object.maps.find(({ name }) => name === map) ?? {};
    if (type !== 'struct_ops') return undefined;
    const typeName = value?.kind === 'struct' ? value.name : '';
    return this.object.programs
      .filter(({ attachTo }) => attachTo?.startsWith(`${typeName}:`))
      .map(({ name }) => name);
  }

  #variables(): Variable[] {
    return this.object.sections.flatMap(section =>
      section.variables.map(variable => ({ section: section.name, ...variable })),
    );
  }

  #missing(
    what: string,
    name: string,
    { path, known }: { path: string; known: readonly { readonly name: string }[] },
  ): never {
    const names = known.map(each => each.name);
    throw badValue(path, `the object has no ${what} ${name}`, suggest(name, names));
  }
}
