package loader

import (
	"reflect"
	"testing"
)

// example has one of everything.
func example() *preparedLoad {
	return &preparedLoad{
		types: [][]byte{[]byte("types of the map"), []byte("types of the program")},
		maps: []preparedMap{
			{attr: []byte("attribute"), types: 1, frozen: true, contents: []byte("contents"), users: 2},
			{attr: []byte("another"), contents: []byte{}, users: 1},
		},
		programs: []preparedProgram{
			{
				name: "first", section: "xdp", kind: "xdp", attr: []byte("load"), code: make([]byte, 10*insnSize), license: []byte("GPL\x00"),
				functions: []byte("functions"), lineInfo: []byte("lines"), types: 2, uses: []mapUse{{insn: 3, of: 1}, {insn: 9, of: 0}},
			},
			{
				name: "second", section: "tc", kind: "sched_cls", attr: []byte("load"), code: []byte{}, license: []byte{0},
				functions: []byte{}, lineInfo: []byte{}, uses: []mapUse{},
			},
		},
	}
}

func TestAPreparedLoadIsReadAsItWasWritten(t *testing.T) {
	got, err := unpackLoad(example().pack())
	if err != nil || !reflect.DeepEqual(got, example()) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAPreparedLoadThatIsDamaged(t *testing.T) {
	whole := example().pack()
	for size := range whole {
		if _, err := unpackLoad(whole[:size]); err == nil {
			t.Errorf("its first %d bytes of %d were read", size, len(whole))
		}
	}
	for name, damaged := range map[string][]byte{
		"more behind it": append(example().pack(), 0),
		"all zeros":      make([]byte, len(whole)),
	} {
		if _, err := unpackLoad(damaged); err == nil {
			t.Errorf("%s: it was read", name)
		}
	}
	// An instruction that names a map which is not there must not bring the agent down.
	for at := range whole {
		flipped := example().pack()
		flipped[at] ^= 0xff
		_, _ = unpackLoad(flipped)
	}
}

func FuzzUnpackLoad(f *testing.F) {
	f.Add(example().pack())
	f.Fuzz(func(t *testing.T, data []byte) {
		load, err := unpackLoad(data)
		if err != nil {
			return
		}
		if again, err := unpackLoad(load.pack()); err != nil || !reflect.DeepEqual(again, load) {
			t.Errorf("%+v became %+v, %v", load, again, err)
		}
	})
}
