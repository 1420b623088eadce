package imap

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// BenchmarkScan reads the list of a folder of 10,000 messages; figures are for one folder.
func BenchmarkScan(b *testing.B) {
	const messages = 10_000
	var list strings.Builder
	for i := range messages {
		fmt.Fprintf(&list, "* %d FETCH (UID %d FLAGS (\\Seen $Label%d) INTERNALDATE \"02-Jan-2024 03:04:%02d +0100\" RFC822.SIZE 8%03d)\r\n", i+1, 2*i+1, i%5, i%60, i%1000)
	}
	server := scripted(b, "IMAP4rev1", canned(list.String()))
	s := server.session(engine.Source)
	b.SetBytes(int64(list.Len()))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		_, err := s.Scan(b.Context(), engine.Opening{Folder: "Box"}, everything(), func(engine.Meta) error { n++; return nil })
		must(b, err)
		want(b, n, messages)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/messages, "ns/message")
}

// canned answers EXAMINE and, with a given text, UID FETCH. Tags are not in it.
func canned(list string) func(string) string {
	return func(command string) string {
		switch {
		case strings.HasPrefix(command, "EXAMINE"):
			return examineReply
		case strings.HasPrefix(command, "UID FETCH"):
			return list + "$ OK\r\n"
		}
		return ""
	}
}

// BenchmarkFetch streams 1,000 messages of 8 KB.
func BenchmarkFetch(b *testing.B) {
	const messages, size = 1000, 8 << 10
	var list strings.Builder
	body := strings.Repeat("x", size)
	for i := range messages {
		fmt.Fprintf(&list, "* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE \"02-Jan-2024 03:04:%02d +0100\" BODY[] {%d}\r\n%s)\r\n", i+1, i+1, i%60, size, body)
	}
	server := scripted(b, "IMAP4rev1", canned(list.String()))
	s := server.session(engine.Source)
	b.SetBytes(int64(list.Len()))
	b.ReportAllocs()
	var buf bytes.Buffer
	for b.Loop() {
		n := 0
		_, err := s.Fetch(b.Context(), engine.Opening{Folder: "Box"}, engine.UIDSet{{First: 1, Last: messages}}, func(m engine.Message, lost error) error {
			n++
			buf.Reset()
			_, err := m.Body.(io.WriterTo).WriteTo(&buf)
			return err
		})
		must(b, err)
		want(b, n, messages)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/messages, "ns/message")
}

// BenchmarkAppend sends batches of 128 messages of 8 KB.
func BenchmarkAppend(b *testing.B) {
	const messages, size = 128, 8 << 10
	server := scripted(b, multi, func(command string) string { return "$ OK [APPENDUID 7 1:128]\r\n" })
	s := server.session(engine.Destination)
	batch := notes(make([]string, messages)...)
	for i := range batch {
		batch[i].body = bytes.Repeat([]byte("x"), size)
	}
	b.SetBytes(messages * size)
	b.ReportAllocs()
	for b.Loop() {
		mustAppend(b, s, "Box", batch...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/messages, "ns/message")
}

// BenchmarkCompression moves a realistic mailbox, read and appended by one session each, over lines of several speeds without and with
// compression.
func BenchmarkCompression(b *testing.B) {
	server := imaptest.Dovecot(b, imaptest.Options{Extra: zlib})
	imaptest.WriteCorpus(b, server.MailRoot("anna"), imaptest.CorpusOptions{Messages: 1500})
	all := readMailbox(b, mustDial(b, NewDialer(Options{}), engine.Source, server.Endpoint(), "anna"))
	var octets int64
	for _, m := range all {
		octets += int64(len(m.body))
	}
	for _, mbit := range []int64{20, 100, 0} {
		for _, what := range []packing{useless, worth} {
			line := imaptest.Wire(b, server.Addr(), imaptest.WireOptions{BytesPerSecond: mbit * 1e6 / 8})
			e := line.Endpoint(server.Endpoint())
			d := NewDialer(Options{})
			d.packings.keep("source "+e.Address(), what)
			d.packings.keep("destination "+e.Address(), what)
			name := fmt.Sprintf("%dMbit/packed=%v", mbit, what == worth)
			measure := func(b *testing.B, f func()) {
				up, down := line.Bytes()
				cpu := processorTime(b)
				b.SetBytes(octets)
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(processorTime(b)-cpu)/float64(b.N)/1e6, "cpu-ms/op")
				newUp, newDown := line.Bytes()
				b.ReportMetric(float64(newUp-up+newDown-down)/float64(b.N)/float64(octets), "wire/octet")
			}
			b.Run("fetch/"+name, func(b *testing.B) {
				s := mustDial(b, d, engine.Source, e, "anna")
				measure(b, func() { want(b, len(readMailbox(b, s)), len(all)) })
			})
			b.Run("append/"+name, func(b *testing.B) {
				s := mustDial(b, d, engine.Destination, e, fmt.Sprintf("user%d%d", mbit, what))
				measure(b, func() { appendPipelined(b, s, all) })
			})
		}
	}
}

// readMailbox reads all messages of all folders.
func readMailbox(b testing.TB, s engine.Session) (all []copied) {
	l, err := s.List(b.Context(), true)
	must(b, err)
	for _, f := range l.Folders {
		if f.Selectable && f.Status.Messages > 0 {
			all = append(all, fetchAll(b, s, engine.Opening{Folder: f.Name, Validity: f.Status.Validity}, everything())...)
		}
	}
	return all
}

// appendPipelined appends messages to INBOX, two batches on their way at any time.
func appendPipelined(b testing.TB, s engine.Session, all []copied) {
	var before func() []engine.Appended
	check := func() {
		if before == nil {
			return
		}
		for _, a := range before() {
			must(b, a.Err)
		}
	}
	for part := range slices.Chunk(all, 128) {
		batch := make([]engine.Message, len(part))
		for i, m := range part {
			batch[i] = engine.Message{Meta: m.Meta, Body: bytes.NewReader(m.body)}
			batch[i].Size = int64(len(m.body))
		}
		wait := s.Append(b.Context(), "INBOX", batch)
		check()
		before = wait
	}
	check()
}

// BenchmarkSignIn connects to a Dovecot and signs in, with each kind of encryption, in full and going on with an earlier session.
func BenchmarkSignIn(b *testing.B) {
	server := imaptest.Dovecot(b, imaptest.Options{})
	fresh := func() *Dialer { return NewDialer(Options{}) }
	kept := fresh()
	for _, test := range []struct {
		name   string
		e      engine.Endpoint
		dialer func() *Dialer
	}{
		{"plaintext", server.Endpoint(), fresh},
		{"tls/full", server.TLSEndpoint(), fresh},
		{"tls/resumed", server.TLSEndpoint(), func() *Dialer { return kept }},
		{"starttls/full", server.StartTLSEndpoint(), fresh},
		{"starttls/resumed", server.StartTLSEndpoint(), func() *Dialer { return kept }},
	} {
		b.Run(test.name, func(b *testing.B) {
			cpu := processorTime(b)
			for b.Loop() {
				s, err := test.dialer().Dial(b.Context(), engine.Source, test.e, "anna", engine.NewSecret(imaptest.Password))
				must(b, err)
				must(b, s.Close())
			}
			b.ReportMetric(float64(processorTime(b)-cpu)/float64(b.N)/1e3, "cpu-µs/op")
		})
	}
}

// BenchmarkCopy copies 8 KB messages from one Dovecot to another, one session each: what the wire costs without a ledger.
func BenchmarkCopy(b *testing.B) {
	const messages, size = 2000, 8 << 10
	source, destination := imaptest.Dovecot(b, imaptest.Options{Format: "sdbox"}), imaptest.Dovecot(b, imaptest.Options{Format: "sdbox"})
	body := append([]byte("Subject: x\r\n\r\n"), bytes.Repeat([]byte("0123456789abcdef0123456789abcdef\r\n"), size/34)...)
	var all []copied
	for range messages {
		all = append(all, note(string(body)))
	}
	appendPipelined(b, mustDial(b, NewDialer(Options{}), engine.Destination, source.Endpoint(), "anna"), all)
	for _, encryption := range []struct {
		name  string
		point func(*imaptest.Server) engine.Endpoint
	}{{"plaintext", (*imaptest.Server).Endpoint}, {"tls", (*imaptest.Server).TLSEndpoint}} {
		b.Run(encryption.name, func(b *testing.B) {
			d := NewDialer(Options{})
			from := mustDial(b, d, engine.Source, encryption.point(source), "anna")
			to := mustDial(b, d, engine.Destination, encryption.point(destination), encryption.name)
			b.SetBytes(int64(messages * len(body)))
			b.ReportAllocs()
			cpu := processorTime(b)
			for b.Loop() {
				want(b, copyStream(b, from, to), messages)
			}
			b.ReportMetric(float64(processorTime(b)-cpu)/float64(b.N)/messages/1e3, "cpu-µs/message")
		})
	}
}

// load is a batch and the memory that its messages take, to be used again.
type load struct {
	messages []engine.Message
	bodies   [][]byte
}

// copyStream copies INBOX in batches, as a lane does: the next is read while two are on their way.
func copyStream(b testing.TB, from, to engine.Session) (messages int) {
	const most = 128
	loads, done, free := make(chan *load, 1), make(chan bool), make(chan *load, 4)
	for range cap(free) {
		free <- &load{bodies: make([][]byte, most)}
	}
	go func() {
		defer close(done)
		var flights []func()
		for l := range loads {
			wait := to.Append(b.Context(), "INBOX", l.messages)
			flights = append(flights, func() {
				for _, a := range wait() {
					if a.Err != nil {
						b.Error(a.Err)
					}
				}
				free <- l
			})
			if len(flights) == 2 {
				flights[0]()
				flights = flights[1:]
			}
		}
		for _, f := range flights {
			f()
		}
	}()
	var l *load
	_, err := from.Fetch(b.Context(), engine.Opening{Folder: "INBOX"}, everything(), func(m engine.Message, lost error) error {
		if l == nil {
			l = <-free
			l.messages = l.messages[:0]
		}
		body := &l.bodies[len(l.messages)]
		if int64(cap(*body)) < m.Size {
			*body = make([]byte, m.Size)
		}
		*body = (*body)[:m.Size]
		if _, err := io.ReadFull(m.Body, *body); err != nil {
			return err
		}
		m.Body = bytes.NewReader(*body)
		if l.messages = append(l.messages, m); len(l.messages) == most {
			loads <- l
			l = nil
		}
		messages++
		return nil
	})
	must(b, err)
	if l != nil {
		loads <- l
	}
	close(loads)
	<-done
	return messages
}
