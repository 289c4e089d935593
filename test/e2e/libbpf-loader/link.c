/* Links BPF objects into one with libbpf, as `bpftool gen object` does: OUTPUT INPUT… */
#include <bpf/libbpf.h>
#include <stdio.h>

int main(int count, char **arguments)
{
	struct bpf_linker *linker = count > 2 ? bpf_linker__new(arguments[1], NULL) : NULL;

	if (!linker)
		return 2;
	for (int i = 2; i < count; i++)
		if (bpf_linker__add_file(linker, arguments[i], NULL))
			return 1;
	return bpf_linker__finalize(linker) ? 1 : 0;
}
