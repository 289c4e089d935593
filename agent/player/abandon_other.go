//go:build !linux

package player

// Abandon takes away what a scenario would leave on the machine, as the agent is about to end: nothing here.
func (p *Player) Abandon() {}
