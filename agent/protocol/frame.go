// Package protocol holds the frames and messages between the harness and the agent. PROTOCOL.md describes them.
package protocol

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Limits of one frame, in bytes.
const (
	MaxMessage    = 16 << 20
	MaxAttachment = 256 << 20
)

const (
	magic      = "XBPF"
	sealSize   = 16
	sizesStart = len(magic) + sealSize
	headerSize = sizesStart + 8
)

// BrokenStreamError says that the stream does not hold a frame where one must begin, so nothing after it can be read.
type BrokenStreamError struct{ reason string }

// ErrSeal says that a frame is not from the other end that sent the last greeting.
var ErrSeal error = &BrokenStreamError{"a frame has another seal than the last greeting"}

func (e *BrokenStreamError) Error() string { return "broken stream: " + e.reason }

// Seal is what the two ends know each other by. The harness draws one for each greeting, and both put it into every
// frame until the next: what a guest wrote before it was taken back to its snapshot has another one.
type Seal [sealSize]byte

// Frame is one message as it came, not yet decoded, with what was attached to it.
type Frame struct {
	Seal       Seal
	Message    []byte
	Attachment []byte
}

// ReadFrame reads one frame. It returns io.EOF when the stream ends before a frame, io.ErrUnexpectedEOF when it ends
// inside one, and a *BrokenStreamError when what it holds is not a frame.
func ReadFrame(r io.Reader) (Frame, error) {
	var header [headerSize]byte
	if n, err := io.ReadFull(r, header[:]); err != nil {
		if n > 0 && !bytes.HasPrefix(header[:n], []byte(magic)[:min(n, len(magic))]) {
			return Frame{}, notMagic(header[:n])
		}
		return Frame{}, err
	}
	if string(header[:4]) != magic {
		return Frame{}, notMagic(header[:])
	}
	messageSize := binary.LittleEndian.Uint32(header[sizesStart:])
	attachmentSize := binary.LittleEndian.Uint32(header[sizesStart+4:])
	if messageSize > MaxMessage {
		return Frame{}, &BrokenStreamError{fmt.Sprintf("a message of %d bytes, more than %d", messageSize, MaxMessage)}
	}
	if attachmentSize > MaxAttachment {
		return Frame{}, &BrokenStreamError{fmt.Sprintf("an attachment of %d bytes, more than %d", attachmentSize, MaxAttachment)}
	}
	message, err := readBlock(r, messageSize)
	if err != nil {
		return Frame{}, err
	}
	attachment, err := readBlock(r, attachmentSize)
	if err != nil {
		return Frame{}, err
	}
	return Frame{Seal: Seal(header[len(magic):sizesStart]), Message: message, Attachment: attachment}, nil
}

// FrameWriter writes frames with a seal.
type FrameWriter struct {
	io.Writer
	Seal Seal
}

// WriteFrame encodes the message as JSON and writes it with its attachment, which may be empty.
func (w FrameWriter) WriteFrame(message any, attachment []byte) error {
	body, err := encode(message)
	if err != nil {
		return fmt.Errorf("encode %T: %w", message, err)
	}
	if len(body) > MaxMessage || len(attachment) > MaxAttachment {
		return fmt.Errorf("encode %T: %d bytes and an attachment of %d bytes are too large", message, len(body), len(attachment))
	}
	head := make([]byte, 0, headerSize+len(body))
	head = append(head, magic...)
	head = append(head, w.Seal[:]...)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(body)))
	head = binary.LittleEndian.AppendUint32(head, uint32(len(attachment)))
	head = append(head, body...)
	if _, err := w.Write(head); err != nil {
		return err
	}
	if len(attachment) == 0 {
		return nil
	}
	_, err = w.Write(attachment)
	return err
}

// readBlock grows with what really arrives, so that a header that lies about its size costs nothing.
func readBlock(r io.Reader, size uint32) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	const trusted = 1 << 20
	if size > trusted {
		return readGrowing(r, size)
	}
	block := make([]byte, size)
	_, err := io.ReadFull(r, block)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return block, err
}

func readGrowing(r io.Reader, size uint32) ([]byte, error) {
	var block bytes.Buffer
	_, err := io.CopyN(&block, r, int64(size))
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	return block.Bytes(), err
}

func notMagic(start []byte) error {
	return &BrokenStreamError{fmt.Sprintf("%q stands where a frame must begin", start)}
}
