package efw

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

func TestPathsThatAllCodePagesHave(t *testing.T) {
	// Wine 8 removes no files, which t.TempDir would fail for.
	temporary, err := os.MkdirTemp("", "plain")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(temporary)
	folder := filepath.Join(temporary, "Jörg Łukasz 名前")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "image.sys")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	plain := plainPath(file)
	if strings.ContainsFunc(plain, func(r rune) bool { return r > unicode.MaxASCII }) {
		t.Errorf("%s has letters beyond ASCII", plain)
	}
	if plain == file {
		t.Error("nothing was changed")
	}
	if _, err := os.Stat(plain); err != nil {
		t.Errorf("it names no file: %v", err)
	}
	if same := plainPath(`C:\some folder\image.sys`); same != `C:\some folder\image.sys` {
		t.Errorf("a plain path became %s", same)
	}
	if missing := plainPath(`C:\ö\none.sys`); missing != `C:\ö\none.sys` {
		t.Errorf("one of no file became %s", missing)
	}
}

func TestErrorsThatSigningMayHaveCaused(t *testing.T) {
	for name, want := range map[string]bool{
		"EBPF_INVALID_ARGUMENT": true, "EBPF_OBJECT_NOT_FOUND": true, "EBPF_FAILED": true, "EBPF_NO_MEMORY": false,
	} {
		if got := mayBeOfSigning(&name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if mayBeOfSigning(nil) {
		t.Error("no name")
	}
}
