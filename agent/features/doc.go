// Package features finds out what a kernel has of BPF: by loading small programs and making small maps, and by what it
// says of itself.
package features
