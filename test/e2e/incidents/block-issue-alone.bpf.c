// The request as the only argument of block_rq_issue, since 5.11 and by backport.
#include "incident.h"

SEC("tp_btf/block_rq_issue")
int BPF_PROG(issue, struct request *request)
{
	return request->__data_len > 4096;
}
