// A function whose number of arguments is open.
#include "incident.h"

SEC("fentry/snprintf")
int begins(void *ctx)
{
	return 0;
}
