package imap

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// zlib makes a Dovecot offer compression.
const zlib = "protocol imap {\n mail_plugins = imap_zlib\n}"

// packs reports whether a session's connection is compressed.
func packs(s engine.Session) bool { return s.(*session).compression.on }

// always makes a dialer's sessions with these services compress from their start.
func always(d *Dialer, source, destination engine.Endpoint) {
	d.packings.keep("source "+source.Address(), worth)
	d.packings.keep("destination "+destination.Address(), worth)
}

// TestCopyCompressed: a realistic and an odd mailbox come over unchanged in each form of APPEND and over each kind of encryption.
func TestCopyCompressed(t *testing.T) {
	source := imaptest.Dovecot(t, imaptest.Options{Extra: zlib})
	imaptest.WriteCorpus(t, source.MailRoot("anna"), imaptest.CorpusOptions{})
	imaptest.AddOdd(t, source.MailRoot("anna"), "Odd")
	forms := []struct {
		name    string
		without []string
		point   func(*imaptest.Server) engine.Endpoint
	}{
		{"multiappend", nil, (*imaptest.Server).TLSEndpoint},
		{"pipelined", []string{"MULTIAPPEND", "LIST-STATUS", "LIST-EXTENDED"}, (*imaptest.Server).StartTLSEndpoint},
		{"synchronising", []string{"MULTIAPPEND", "LITERAL+", "SASL-IR", "UIDPLUS"}, (*imaptest.Server).Endpoint},
	}
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			destination := imaptest.Dovecot(t, imaptest.Options{Extra: zlib, Without: form.without})
			d := NewDialer(Options{})
			always(d, form.point(source), form.point(destination))
			from := mustDial(t, d, engine.Source, form.point(source), "anna")
			to := mustDial(t, d, engine.Destination, form.point(destination), "anna")
			want(t, packs(from) && packs(to), true)
			copyMailbox(t, from, to)
			if diff := imaptest.Compare(t, source.MailRoot("anna"), destination.MailRoot("anna")); !diff.Empty() {
				t.Error(diff)
			}
		})
	}
}

// TestCompressCut: wherever a compressed connection is cut, nothing short passes for a message, and none is answered as stored that is not.
func TestCompressCut(t *testing.T) {
	server := imaptest.Dovecot(t, imaptest.Options{Extra: zlib})
	imaptest.WriteCorpus(t, server.MailRoot("anna"), imaptest.CorpusOptions{Messages: 50, Folders: []string{imaptest.Inbox}})
	for cut := int64(1500); cut < 30_000; cut += 3701 {
		wire := imaptest.Wire(t, server.Addr(), imaptest.WireOptions{})
		wire.Break(imaptest.Fault{After: cut, Mode: imaptest.Close})
		e := wire.Endpoint(server.Endpoint())
		d := NewDialer(Options{})
		always(d, e, e)
		s := mustDial(t, d, engine.Source, e, "anna")
		_, err := s.Fetch(t.Context(), engine.Opening{Folder: "INBOX"}, everything(), func(m engine.Message, lost error) error {
			b, err := io.ReadAll(m.Body)
			if err == nil && int64(len(b)) != m.Size {
				t.Errorf("%d bytes of %d without an error", len(b), m.Size)
			}
			return err
		})
		want(t, engine.KindOf(err), engine.Unreachable)
		want(t, s.Alive(), false)

		user := fmt.Sprintf("user%d", cut)
		wire.Break(imaptest.Fault{Up: true, After: cut / 10, Mode: imaptest.Close})
		s = mustDial(t, d, engine.Destination, e, user)
		body := "Subject: x\r\n\r\n" + strings.Repeat("0123456789 no two of these are the same\r\n", 300)
		var batch []copied
		for i := range 20 {
			batch = append(batch, note(fmt.Sprintf("X: %d\r\n%s%d", i*i*int(cut), body, i)))
		}
		for _, a := range appendAll(t, s, "INBOX", batch) {
			want(t, engine.KindOf(a.Err), engine.Unreachable)
		}
		want(t, imaptest.ReadMail(t, server.MailRoot(user)).Count(), 0)
	}
}

// TestCompressionByMeasure: a quick line is left alone; over a slow one a session turns compression on once it knows, and those that
// follow begin with it where it has helped.
func TestCompressionByMeasure(t *testing.T) {
	source := imaptest.Dovecot(t, imaptest.Options{Extra: zlib})
	destination := imaptest.Dovecot(t, imaptest.Options{Extra: zlib})
	imaptest.WriteCorpus(t, source.MailRoot("anna"), imaptest.CorpusOptions{Messages: 600})
	for _, test := range []struct {
		name string
		rate int64 // of the line, in bytes a second; 0: as quick as it is
		want bool
	}{{"quick", 0, false}, {"slow", 2_500_000, true}} {
		t.Run(test.name, func(t *testing.T) {
			near := imaptest.Wire(t, source.Addr(), imaptest.WireOptions{BytesPerSecond: test.rate})
			far := imaptest.Wire(t, destination.Addr(), imaptest.WireOptions{BytesPerSecond: test.rate})
			d := NewDialer(Options{})
			from := mustDial(t, d, engine.Source, near.Endpoint(source.Endpoint()), "anna")
			to := mustDial(t, d, engine.Destination, far.Endpoint(destination.Endpoint()), test.name)
			want(t, packs(from) || packs(to), false)
			began := time.Now()
			copyMailbox(t, from, to)
			t.Logf("copied in %v", time.Since(began))
			for _, s := range []engine.Session{from, to} {
				if s := s.(*session); test.want || speed(s.moved()) > s.slowLine() { // else this machine is busy
					want(t, packs(s), test.want)
				}
			}
			_ = from.Close()
			if diff := imaptest.Compare(t, source.MailRoot("anna"), destination.MailRoot(test.name)); !diff.Empty() {
				t.Error(diff)
			}
			if !test.want {
				return
			}
			for _, s := range []engine.Session{ // as it was found to help, which on a busy machine it may not have
				mustDial(t, d, engine.Source, near.Endpoint(source.Endpoint()), "anna"),
				mustDial(t, d, engine.Destination, far.Endpoint(destination.Endpoint()), test.name),
			} {
				found := d.packings.of(s.(*session).compression.key)
				want(t, found != untried, true)
				want(t, packs(s), found == worth)
			}
		})
	}
}

// TestCompressionJudged: what helps by less than its price is not used again, and what was found out does not hold for ever.
func TestCompressionJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var services packings
		c := compression{before: 2 << 20, services: &services, key: "x"}
		c.judge(enough-1, time.Second)
		want(t, services.of("x"), untried)
		c.judge(4<<20, time.Second)
		want(t, services.of("x"), worth)
		c.judge(2<<20, time.Second)
		want(t, services.of("x"), useless)
		want(t, services.of("y"), untried)
		time.Sleep(memory)
		want(t, services.of("x"), untried)
	})
}

// TestCompressionRefused: a service that does not do what it offers is asked once.
func TestCompressionRefused(t *testing.T) {
	server := scripted(t, "IMAP4rev1 COMPRESS=DEFLATE", func(command string) string {
		if strings.HasPrefix(command, "COMPRESS") {
			return "$ NO [CANNOT] not now\r\n"
		}
		return flawless(command)
	})
	d := NewDialer(Options{})
	always(d, server.endpoint(), server.endpoint())
	for range 2 {
		s := mustDial(t, d, engine.Source, server.endpoint(), "anna")
		got, err := fetched(t, s, engine.Opening{Folder: "Box"}, engine.UIDSet{{First: 1, Last: 2}})
		must(t, err)
		want(t, got, "1=one 2=two")
		want(t, packs(s), false)
	}
	want(t, len(server.sent("COMPRESS")), 1)
}
