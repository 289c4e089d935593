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
	headerSize = 12
)

// BrokenStreamError says that the stream does not hold a frame where one must begin, so nothing after it can be read.
type BrokenStreamError struct{ reason string }

func (e *BrokenStreamError) Error() string { return "broken stream: " + e.reason }

// Frame is one message as it came, not yet decoded, with what was attached to it.
type Frame struct {
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
	messageSize := binary.LittleEndian.Uint32(header[4:])
	attachmentSize := binary.LittleEndian.Uint32(header[8:])
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
	return Frame{Message: message, Attachment: attachment}, nil
}

// WriteFrame encodes the message as JSON and writes it with its attachment, which may be empty.
func WriteFrame(w io.Writer, message any, attachment []byte) error {
	body, err := encode(message)
	if err != nil {
		return fmt.Errorf("encode %T: %w", message, err)
	}
	if len(body) > MaxMessage || len(attachment) > MaxAttachment {
		return fmt.Errorf("encode %T: %d bytes and an attachment of %d bytes are too large", message, len(body), len(attachment))
	}
	head := make([]byte, 0, headerSize+len(body))
	head = append(head, magic...)
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
