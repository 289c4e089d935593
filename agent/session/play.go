package session

import (
	"path"

	"crossbpf/agent/protocol"
)

func (s *session) play(id uint64, frame protocol.Frame) (err error) {
	defer recovered(&err)
	request, err := protocol.Decode[protocol.PlayRequest](frame.Message)
	if err != nil {
		return err
	}
	if err := checkPlay(request, len(frame.Attachment)); err != nil {
		return err
	}
	played, err := s.machine.Play(request, frame.Attachment, audience{session: s, id: id})
	if err != nil {
		return err
	}
	played.Type, played.ID = "played", id
	if played.KernelLog == nil {
		played.KernelLog = []string{}
	}
	return s.send(played, nil)
}

// checkPlay sees to it that the sizes that a request names are those of its attachment, and that its files have names
// of their own that lead nowhere else.
func checkPlay(request protocol.PlayRequest, attached int) error {
	if request.StepTimeoutMs < 1 || request.DumpEntries < 0 || request.DumpBytes < 0 {
		return protocol.Errorf(protocol.BadRequest, "stepTimeoutMs, dumpEntries and dumpBytes must not be negative, nor the first of them 0")
	}
	left := attached - request.ObjectBytes
	if request.ObjectBytes < 0 || left < 0 {
		return protocol.Errorf(protocol.BadRequest, "objectBytes is %d, but %d bytes are attached", request.ObjectBytes, attached)
	}
	seen := make(map[string]bool)
	for _, file := range request.Files {
		left -= file.Bytes
		if file.Bytes < 0 || left < 0 {
			return protocol.Errorf(protocol.BadRequest, "file %q has %d bytes, more than are attached", file.Name, file.Bytes)
		}
		if file.Name != path.Base(file.Name) || file.Name == "." || file.Name == ".." || seen[file.Name] {
			return protocol.Errorf(protocol.BadRequest, "%q is no name for a file of its own", file.Name)
		}
		seen[file.Name] = true
	}
	return nil
}

// audience sends what it hears over the connection.
type audience struct {
	session *session
	id      uint64
}

func (a audience) Step(reply protocol.StepReply) error {
	reply.Type, reply.ID = "step", a.id
	if reply.Entries != nil {
		listed := listEntries(*reply.Entries)
		reply.Entries = &listed
	}
	if reply.Records != nil && *reply.Records == nil {
		reply.Records = &[]protocol.Bytes{}
	}
	return a.session.send(reply, nil)
}

func (a audience) Dump(reply protocol.DumpReply) error {
	reply.Type, reply.ID = "dump", a.id
	reply.Entries = listEntries(reply.Entries)
	return a.session.send(reply, nil)
}

// listEntries makes lists of what would be null in JSON.
func listEntries(entries []protocol.Entry) []protocol.Entry {
	if entries == nil {
		return []protocol.Entry{}
	}
	for i := range entries {
		if entries[i].Values == nil {
			entries[i].Values = []protocol.Bytes{}
		}
	}
	return entries
}
