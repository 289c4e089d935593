#include "probe.h"

#define SUB(n) static __attribute__((noinline)) int sub_##n(int a) { return a * n + (a ^ n); }
SUB(1) SUB(2) SUB(3) SUB(4) SUB(5) SUB(6) SUB(7) SUB(8) SUB(9) SUB(10) SUB(11) SUB(12)
SEC("socket") int some(void *ctx) { return sub_3(1) + sub_9(2) + sub_1(3); }
SEC("socket") int all(void *ctx)
{
	return sub_12(1) + sub_11(1) + sub_10(1) + sub_9(1) + sub_8(1) + sub_7(1) + sub_6(1) + sub_5(1) + sub_4(1) +
	       sub_3(1) + sub_2(1) + sub_1(1);
}
