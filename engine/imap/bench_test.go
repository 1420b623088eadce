package imap

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"mwiz/engine"
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
