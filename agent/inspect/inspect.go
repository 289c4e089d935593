package inspect

import "os"

func File(path string) (any, error) { _, err := os.ReadFile(path); return nil, err }
