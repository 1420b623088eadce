package imap

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"mwiz/engine/imap/wire"
)

// startTLSError is a service that does not begin encryption as it must.
type startTLSError struct{ text string }

func (e *startTLSError) Error() string { return e.text }

// startTLS reads the greeting and asks for encryption (RFC 3501, 6.2.1), which is demanded, not offered. Nothing that the
// server says before it counts, and nothing may follow its consent: that would have been said by somebody in between.
func startTLS(ctx context.Context, c net.Conn) error {
	if deadline, ok := ctx.Deadline(); ok {
		_ = c.SetDeadline(deadline)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer func() {
		if stop() {
			_ = c.SetDeadline(time.Time{})
		}
	}()
	r := bufio.NewReaderSize(c, 8<<10)
	if err := awaitGreeting(r); err != nil {
		return err
	}
	if _, err := io.WriteString(c, "S1 STARTTLS\r\n"); err != nil {
		return err
	}
	if err := awaitConsent(r); err != nil {
		return err
	}
	if r.Buffered() > 0 {
		return &startTLSError{"text was slipped in before the encryption began"}
	}
	return nil
}

// maxPrelude is how many lines a server may say before it greets or consents.
const maxPrelude = 50

func awaitGreeting(r *bufio.Reader) error {
	for range maxPrelude {
		line, err := readLine(r)
		if err != nil {
			return err
		}
		word, rest, _ := strings.Cut(strings.TrimPrefix(line, "* "), " ")
		switch {
		case !strings.HasPrefix(line, "* "):
		case strings.EqualFold(word, "OK"):
			return nil
		case strings.EqualFold(word, "PREAUTH"):
			return &startTLSError{"the service wants to go on without encryption"}
		case strings.EqualFold(word, "BYE"):
			return &wire.ByeError{Status: wire.ParseStatus("BYE", []byte(rest)), Err: io.EOF}
		}
	}
	return &startTLSError{"the service does not greet"}
}

func awaitConsent(r *bufio.Reader) error {
	for range maxPrelude {
		line, err := readLine(r)
		if err != nil {
			return err
		}
		tag, rest, _ := strings.Cut(line, " ")
		if !strings.EqualFold(tag, "S1") {
			continue
		}
		word, text, _ := strings.Cut(rest, " ")
		if !strings.EqualFold(word, "OK") {
			return &startTLSError{"the service offers no encryption on this port: " + clip(text)}
		}
		return nil
	}
	return &startTLSError{"the service does not answer"}
}

// readLine reads a line of at most the reader's buffer.
func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", &startTLSError{"the service does not speak IMAP"}
	}
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return "", err
	}
	return string(bytes.TrimRight(line, "\r\n")), nil
}
