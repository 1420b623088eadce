package imap

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// recorded is a server that has said all it ever will.
type recorded struct {
	net.Conn
	said *bytes.Reader
}

func (r recorded) Read(p []byte) (int, error)  { return r.said.Read(p[:min(len(p), 11)]) }
func (r recorded) Write(p []byte) (int, error) { return len(p), nil }
func (r recorded) Close() error                { return nil }

// FuzzSession: whatever a server says to a listing, a scan and a fetch, they end, no message is short, and none comes from a
// folder other than the one that was asked for.
func FuzzSession(f *testing.F) {
	open := "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nR1 OK open\r\n"
	for _, s := range []string{
		open + one + two + "R2 OK\r\nR3 OK\r\n",
		open + "* 1 FETCH (BODY[] {3}\r\none FLAGS (x) INTERNALDATE NIL UID 1)\r\nR3 OK\r\nR2 NO x\r\nR4 OK\r\nR5 OK\r\n",
		"* LIST (\\Sent) \"/\" &AOk-\r\n* STATUS &AOk- (MESSAGES 1)\r\nR1 OK\r\nR2 OK\r\n",
		open + "* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[HEADER]<0> {2}\r\n\r\n)\r\nR2 OK\r\n",
	} {
		for way := range uint8(4) {
			f.Add([]byte(s), way)
		}
	}
	f.Fuzz(func(t *testing.T, said []byte, way uint8) {
		conn := wire.New(recorded{said: bytes.NewReader(said)}, wire.Options{Greeted: true, Patience: time.Nanosecond})
		s := &session{place: place{engine.Source, "host"}, dialer: NewDialer(Options{}), conn: conn, log: NewDialer(Options{}).o.Log, lists: map[string][]string{}}
		defer func() { _ = conn.Close() }()
		opening, set := engine.Opening{Folder: "Box", Validity: 7}, engine.UIDSet{{First: 1, Last: 2}}
		var status engine.FolderStatus
		var err error
		n := 0
		switch way % 4 {
		case 0:
			_, err = s.List(t.Context(), true)
		case 1:
			status, err = s.Scan(t.Context(), opening, set, func(m engine.Meta) error { n++; return nil })
		case 2:
			status, err = s.Headers(t.Context(), opening, set, func(h engine.Header) error { n++; return nil })
		case 3:
			status, err = s.Fetch(t.Context(), opening, set, func(m engine.Message, lost error) error {
				n++
				if lost != nil {
					return nil
				}
				b, err := io.ReadAll(m.Body)
				if err == nil && int64(len(b)) != m.Size {
					t.Errorf("%d bytes of %d", len(b), m.Size)
				}
				if err == nil && !bytes.Contains(said, b) {
					t.Errorf("%q was never said", b)
				}
				return err
			})
		}
		if n > 2 || n > 0 && err == nil && status.Validity != 7 {
			t.Errorf("%d messages of a folder with UIDVALIDITY %d", n, status.Validity)
		}
		var one *engine.Error
		if err != nil && !errors.As(err, &one) {
			t.Errorf("%v is no *engine.Error", err)
		}
	})
}
