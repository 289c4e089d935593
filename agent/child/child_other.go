//go:build !linux

// Package child is the agent's binary as a child of itself, which it is on Linux only.
package child

// Command is the agent's word for a child.
const Command = "child"

// Run fails.
func Run([]string) int { return 2 }
