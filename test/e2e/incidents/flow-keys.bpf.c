// A flow dissector has three pointers and no numbers.
#include "incident.h"

SEC("flow_dissector")
int keys(struct __sk_buff *skb)
{
	return skb->flow_keys == 0;
}

SEC("flow_dissector")
int length(struct __sk_buff *skb)
{
	return skb->len > 1;
}
