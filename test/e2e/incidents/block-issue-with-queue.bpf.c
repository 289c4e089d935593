// The request as the second argument of block_rq_issue, as until 5.10.
#include "incident.h"

SEC("tp_btf/block_rq_issue")
int BPF_PROG(issue, struct request_queue *queue, struct request *request)
{
	return request->__data_len > 4096;
}
