_start:
	call trigger
	xor %edi, %edi
	mov %rsp, %rsi
	mov $1, %edx
	xor %eax, %eax
	syscall
	xor %edi, %edi
	mov $60, %eax
	syscall
trigger:
	nop
	ret
