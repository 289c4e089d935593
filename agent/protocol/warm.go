package protocol

import (
	"encoding/json"
	"fmt"
)

// Warm encodes and decodes one message of each kind that a restored guest meets first, so that encoding/json has looked
// at their fields before.
func Warm() error {
	for _, request := range []any{&Request{}, &HelloRequest{}, &LoadRequest{}, &PlayRequest{}} {
		if err := json.Unmarshal([]byte("{}"), request); err != nil {
			return fmt.Errorf("decode %T: %w", request, err)
		}
	}
	for _, reply := range []any{ProgramReply{}, LoadedReply{}, StepReply{}, DumpReply{}, PlayedReply{}} {
		if _, err := json.Marshal(reply); err != nil {
			return fmt.Errorf("encode %T: %w", reply, err)
		}
	}
	return nil
}
