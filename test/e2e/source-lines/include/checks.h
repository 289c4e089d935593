/* A function of a header, which is compiled into the program that calls it. */
static __always_inline int first_byte(struct __sk_buff *skb)
{
	const unsigned char *data = (void *)(long)skb->data;

	return *data; // rejected here: in_header
}
