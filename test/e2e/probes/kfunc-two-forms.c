/* A flavour of a kfunc, of which the kernel has the plain name. */
#include "probe.h"

extern void bpf_rcu_read_lock___own(void) __ksym __weak;
extern void bpf_rcu_read_unlock(void) __ksym __weak;
SEC("tc") int calls(void *ctx)
{
	if (bpf_rcu_read_lock___own) {
		bpf_rcu_read_lock___own();
		bpf_rcu_read_unlock();
	}
	return 0;
}
