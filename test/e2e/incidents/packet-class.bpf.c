// tc_classid is there for classifiers alone.
#include "incident.h"

SEC("tc")
int classifier(struct __sk_buff *skb)
{
	return skb->tc_classid;
}

SEC("socket")
int socket_filter(struct __sk_buff *skb)
{
	return skb->tc_classid;
}

SEC("lwt_xmit")
int tunnel(struct __sk_buff *skb)
{
	return skb->tc_classid > 1;
}
