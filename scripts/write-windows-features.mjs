/**
 * Writes harness/portability/windows-features.json from a description of eBPF for Windows' headers by release, which is
 * no part of this repository.
 *
 *     npm run write:windows-features -- efw-support.json
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const [source] = process.argv.slice(2);
const from = JSON.parse(await readFile(source, 'utf8'));
const file = path.resolve(import.meta.dirname, '../harness/portability/windows-features.json');

const lower = (name, prefix) => name.replace(prefix, '').toLowerCase();
const since = text =>
  text
    .replace(/^<=v0\.2\.0$/, '0.2')
    .replace(/^v/, '')
    .replace(/-rc\d+$/, '');
const sources = from.meta.sources;

// Of 1.0.0 the description has release candidates alone: the last of them stands for it.
const releases = new Map(from.versions.map(({ version, git_tag: tag }) => [since(version), tag]));
const versions = [...releases].map(([version, tag]) => ({ version, tag }));

const mapTypes = from.map_types
  .filter(({ core_implementation: core }) => core)
  .map(each => ({
    name: lower(each.name, 'BPF_MAP_TYPE_'),
    since: since(each.since),
    ...(each.note === undefined ? {} : { note: each.note }),
  }));

const named = new Map();
for (const { linux_name: linux, name, since: first, note } of from.general_helpers) {
  const key = linux ?? name;
  if (!named.has(key))
    named.set(key, { name: key, since: since(first), ...(note ? { note } : {}) });
}
// A program type brings helpers of its own, and alone provides some general ones.
const only = { bpf_get_socket_cookie: ['cgroup_sock_addr'], bpf_redirect_map: ['sample'] };
const helpers = [...named.values()].map(each => ({ ...each, types: only[each.name] ?? null }));
for (const type of from.program_types) {
  for (const helper of type.specific_helpers ?? []) {
    const own = { name: helper.name, since: since(helper.since ?? '<=v0.2.0') };
    helpers.push({
      ...own,
      ...(helper.note ? { note: helper.note } : {}),
      types: [typeName(type)],
    });
  }
}

function typeName({ name, linux_prog_type: linux }) {
  return linux ? lower(linux, 'BPF_PROG_TYPE_') : name;
}

const programTypes = from.program_types.map(type => ({
  name: typeName(type),
  provider: type.provider,
  returns: type.returns ?? null,
  attach: (type.attach ?? []).map(each => ({
    section: each.section,
    attachType: each.linux_attach_type ? lower(each.linux_attach_type, 'BPF_') : null,
    since: since(each.since),
  })),
}));

const document = {
  schema: 'crossbpf/windows-features@1',
  upstream: from.meta.upstream,
  release: since(`v${from.meta.generated_for.replace(/.*v/, '')}`),
  commit: from.meta.commit,
  versions,
  sources: {
    programTypes: sources.program_types,
    mapTypes: sources.map_types,
    helpers: sources.general_helpers,
    instructions: [sources.isa],
  },
  programTypes,
  mapTypes,
  helpers,
};
const lines = Object.entries(document).map(([key, value]) => {
  if (!Array.isArray(value) || typeof value[0] === 'string')
    return `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
  return `${JSON.stringify(key)}: [\n${value.map(each => JSON.stringify(each)).join(',\n')}\n]`;
});
await writeFile(file, `{\n${lines.join(',\n')}\n}\n`);
