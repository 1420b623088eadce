package imap

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"mwiz/engine"
)

// memServer starts go-imap's server in memory with the given folders of one account.
func memServer(t testing.TB, caps goimap.CapSet, folders ...string) (engine.Endpoint, *imapmemserver.User) {
	t.Helper()
	mem := imapmemserver.New()
	user := imapmemserver.NewUser("anna", "pass")
	for _, f := range append([]string{"INBOX"}, folders...) {
		must(t, user.Create(f, nil))
	}
	mem.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps: caps, InsecureAuth: true,
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return engine.Endpoint{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Encryption: engine.Plaintext}, user
}

// TestCopyBetweenMemServers copies between servers of another make, with and without IMAP4rev2.
func TestCopyBetweenMemServers(t *testing.T) {
	for _, caps := range []goimap.CapSet{{goimap.CapIMAP4rev1: {}}, {goimap.CapIMAP4rev1: {}, goimap.CapIMAP4rev2: {}}} {
		from, user := memServer(t, caps, "Entwürfe & Co", "a/b/c")
		for i := range 100 {
			text := fmt.Sprintf("Subject: %d\r\n\r\n%s", i, strings.Repeat("line\r\n", i*20))
			_, err := user.Append("Entwürfe & Co", bytes.NewReader([]byte(text)), &goimap.AppendOptions{Flags: []goimap.Flag{goimap.FlagSeen, "work"}, Time: time.Date(2020, 1, 1, i%24, 0, 0, 0, time.UTC)})
			must(t, err)
		}
		to, _ := memServer(t, caps)
		d := NewDialer(Options{})
		source, destination := mustDial(t, d, engine.Source, from, "anna"), mustDial(t, d, engine.Destination, to, "anna")
		copyMailbox(t, source, destination)
		copies := fetchAll(t, destination, engine.Opening{Folder: "Entw&APw-rfe &- Co"}, everything())
		originals := fetchAll(t, source, engine.Opening{Folder: "Entw&APw-rfe &- Co"}, everything())
		want(t, len(copies), 100)
		for i := range copies {
			want(t, bytes.Equal(copies[i].body, originals[i].body), true)
			want(t, copies[i].Date.Equal(originals[i].Date.Time), true)
			want(t, sorted(copies[i].Flags), sorted(originals[i].Flags))
		}
	}
}

func sorted(flags []string) string { return strings.Join(slices.Sorted(slices.Values(flags)), " ") }
