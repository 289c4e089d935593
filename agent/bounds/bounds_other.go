//go:build !linux

package bounds

func apply(Limits) {}
