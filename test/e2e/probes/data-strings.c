/* Strings of .rodata.str1.1, which have no symbols and no types. */
#include "probe.h"

SEC("tc") int prints(void *ctx)
{
	const char *name = "a string without a symbol";
	return bpf_strtol(name, 4, 0, &(long){ 0 });
}
SEC("tc") int traces(void *ctx) { bpf_printk("hello %d", 3); return 0; }
