// Numbers may be read in part; a time may not be read by halves of another field.
#include "incident.h"

SEC("tc")
int protocol(struct __sk_buff *skb)
{
	return *(volatile __u16 *)&skb->protocol;
}

SEC("tc")
int time_low(struct __sk_buff *skb)
{
	return *(volatile __u32 *)&skb->tstamp;
}

SEC("socket")
int hash_byte(struct __sk_buff *skb)
{
	return *((volatile __u8 *)&skb->hash + 3);
}

SEC("socket")
int time_in_socket(struct __sk_buff *skb)
{
	return skb->tstamp > 0;
}
