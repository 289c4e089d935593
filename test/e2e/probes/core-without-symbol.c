/* Instructions of a section before its first symbol, which belong to no function. */
#include "probe.h"

struct task_struct { int pid; int tgid; } __attribute__((preserve_access_index));

asm(".pushsection \"raw_tp/task_newtask\",\"ax\",@progbits\n"
    "r0 = 0\n"
    "exit\n"
    ".popsection");
SEC("raw_tp/task_newtask") int behind(struct bpf_raw_tracepoint_args *ctx)
{
	return BPF_CORE_READ((struct task_struct *)ctx->args[0], tgid);
}
