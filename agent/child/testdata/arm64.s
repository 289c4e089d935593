_start:
	bl trigger
	mov x0, #0
	mov x1, sp
	mov x2, #1
	mov x8, #63
	svc #0
	mov x0, #0
	mov x8, #93
	svc #0
trigger:
	nop
	ret
