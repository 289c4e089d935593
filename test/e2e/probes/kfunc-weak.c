#include "probe.h"

extern void bpf_rcu_read_lock(void) __ksym __weak;
extern void bpf_rcu_read_unlock(void) __ksym __weak;
extern int bpf_no_such_function(void) __ksym __weak;
SEC("tc") int guarded(void *ctx)
{
	if (bpf_rcu_read_lock) {
		bpf_rcu_read_lock();
		bpf_rcu_read_unlock();
	}
	return 0;
}
SEC("tc") int guarded_absent(void *ctx) { return bpf_no_such_function ? bpf_no_such_function() : 0; }
SEC("tc") int unguarded_absent(void *ctx) { return bpf_no_such_function(); }
SEC("tc") int address_alone(void *ctx) { return bpf_no_such_function != 0; }
