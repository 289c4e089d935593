//go:build !linux

// Package guest is the agent as PID 1 of a virtual machine.
package guest

// Run does nothing: only Linux has a PID 1.
func Run() {}
