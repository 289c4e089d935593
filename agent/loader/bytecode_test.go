package loader

import (
	"encoding/binary"
	"slices"
	"testing"
)

// code makes a program of instructions that are given by operation, registers (destination, source) and immediate.
func assemble(instructions ...[4]int) bytecode {
	var b bytecode
	for _, i := range instructions {
		registers := byte(i[1] | i[2]<<4)
		if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
			registers = byte(i[1]<<4 | i[2])
		}
		b = append(b, byte(i[0]), registers, 0, 0)
		b = binary.NativeEndian.AppendUint32(b, uint32(i[3]))
	}
	return b
}

// Instructions of a program, for the tests below.
var (
	mov, exit, load64, half    = [4]int{0xb7}, [4]int{0x95}, [4]int{0x18}, [4]int{0}
	load8, signedLoad, badLoad = [4]int{0x79}, [4]int{0x81}, [4]int{0xa1}
	swap, add, fetch, store    = [4]int{0xd7, 0, 0, 32}, [4]int{0xdb}, [4]int{0xdb, 0, 0, 1}, [4]int{0x7b}
	kfunc                      = [4]int{0x85, 0, pseudoKfuncCall, 1000}
)

func call(distance int) [4]int { return [4]int{0x85, 0, pseudoCall, distance} }

func callback(distance int) [4]int { return [4]int{0x18, 2, pseudoFunc, distance} }

func TestErrorsWithoutAnInstruction(t *testing.T) {
	const loads, stores, open = "BPF_LDX uses reserved fields", "BPF_STX uses reserved fields", "last insn is not an exit or jmp"
	for _, c := range []struct {
		message string
		code    bytecode
		want    int
	}{
		{"unknown opcode d7", assemble(load64, half, mov, swap, swap, exit), 3},
		{"unknown opcode d7", assemble(mov, exit), -1},
		// What looks like an instruction in the second half of a load is none.
		{"unknown opcode d7", assemble(load64, [4]int{0xd7}, exit), -1},
		{loads, assemble(load8, signedLoad, exit), 1},
		// Which of the two a kernel knows is not said.
		{loads, assemble(load8, signedLoad, badLoad, exit), -1},
		{stores, assemble(store, add, fetch, exit), 2},
		{open, assemble(mov, exit, mov), 2},
		{open, assemble(call(1), exit, mov, mov), 3},
		{open, assemble(call(1), mov, mov, exit), 1},
		{open, assemble(callback(2), half, exit, mov, call(1), mov, exit), 5},
		{open, assemble(call(1), kfunc, mov, mov), -1},
		{open, assemble(mov, exit), -1},
		{"invalid func unknown#181", assemble(mov, exit), -1},
		{open, nil, -1},
	} {
		if got := c.code.rejectedFor(c.message); got != c.want {
			t.Errorf("%s in % x: %d, want %d", c.message, []byte(c.code), got, c.want)
		}
	}
}

func TestALoadOf64BitsCountsAsTwo(t *testing.T) {
	var numbers []int
	for i := range assemble(mov, load64, half, mov, load64, half, exit).all() {
		numbers = append(numbers, i)
	}
	if !slices.Equal(numbers, []int{0, 1, 3, 4, 6}) {
		t.Error(numbers)
	}
}

func TestBlameByTheCode(t *testing.T) {
	for name, want := range map[string]int{"byte-swap-6.1": 1, "sign-extending-load-6.1": 2, "load-acquire-5.10": 3, "no-exit-6.18": 5} {
		program := assemble(mov, swap, signedLoad, fetch, exit, mov)
		if got := findBlame(readLog(t, name), program); got == nil || got.insn != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
