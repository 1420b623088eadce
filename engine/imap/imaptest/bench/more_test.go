//go:build linux

package bench

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"mwiz/engine/imap/imaptest"
)

// figure is something measured of our program alone.
type figure struct{ what, value string }

// copied does one first pass of the job and compares what has arrived.
func (f *field) copied(t *testing.T, ours tool, j job) sample {
	t.Helper()
	ours.ready(t, j)
	s, err := measure(ours.pass(t, j))
	must(t, err)
	t.Logf("%d mailboxes %v: %.3f s, CPU %.3f s, %d MB", len(j.sources), j.settings, s.wall.Seconds(), s.cpu.Seconds(), s.memory>>20)
	for i := range j.sources {
		if d := imaptest.Compare(t, f.source.MailRoot(j.sources[i]), f.destination.MailRoot(j.destination[i])); !d.Empty() {
			t.Errorf("mailbox %d is not exact:\n%s", i, d)
		}
	}
	return s
}

// many copies 50 mailboxes of 200 messages over 50 ms, so many at once, and one alone.
func (f *field) many(t *testing.T, ours tool) (out []figure) {
	const mailboxes, messages = 50, 200
	from, to := f.wire(t, 50*time.Millisecond)
	var sources []string
	for i := range mailboxes {
		sources = append(sources, f.user())
		f.mailbox(t, sources[i], imaptest.CorpusOptions{Messages: messages, Folders: folders[:8], Median: 4000, Seed: uint64(i)})
	}
	run := func(sources []string, atOnce int) sample {
		j := job{dir: memoryDir(t), from: from, to: to, sources: sources, settings: []string{"--mailboxes-at-once", fmt.Sprint(atOnce)}}
		for range sources {
			j.destination = append(j.destination, f.user())
		}
		defer f.remove(t, job{destination: j.destination})
		return f.copied(t, ours, j)
	}
	one := min(run(sources[:1], 1).wall, run(sources[:1], 1).wall, run(sources[:1], 1).wall)
	out = append(out, figure{"one mailbox of 200 messages at 50 ms", seconds(one)})
	for _, atOnce := range []int{8, 16, 32} {
		s := run(sources, atOnce)
		out = append(out, figure{fmt.Sprintf("50 such mailboxes, %d at once", atOnce), fmt.Sprintf("%s, %.1f times the rate of one; CPU %s, %d MB",
			seconds(s.wall), mailboxes*one.Seconds()/s.wall.Seconds(), seconds(s.cpu), s.memory>>20)})
	}
	f.remove(t, job{sources: sources})
	return out
}

// large copies 8 mailboxes at once with a message of 50 MB in each.
func (f *field) large(t *testing.T, ours tool) []figure {
	j := job{dir: memoryDir(t), from: f.source.Addr(), to: f.destination.Addr()}
	body := append([]byte("Subject: large\n\n"), bytes.Repeat([]byte("All work and no play makes mail a dull boy.\n"), 50<<20/44)...)
	for range 8 {
		user := f.user()
		_, root := f.mailbox(t, user, imaptest.CorpusOptions{Messages: 100, Folders: folders[:4]})
		imaptest.Put(t, root, imaptest.Inbox, "large", imaptest.Message{Bytes: body, Flags: []string{`\Seen`}, Date: time.Unix(1_600_000_000, 0)})
		j.sources, j.destination = append(j.sources, user), append(j.destination, f.user())
	}
	s := f.copied(t, ours, j)
	f.remove(t, j)
	return []figure{{"8 mailboxes at once with a message of 50 MB each", fmt.Sprintf("%d MB at most, %s", s.memory>>20, seconds(s.wall))}}
}

// disk does the first pass of the far load with the ledger on a memory file system and on the disk.
func (f *field) disk(t *testing.T, ours tool) []figure {
	l := loads[0]
	from, to := f.wire(t, l.rtt)
	source := f.user()
	f.mailbox(t, source, imaptest.CorpusOptions{Messages: l.messages, Folders: l.folders, Median: l.median, Seed: 1})
	best := func(dir func() string) (least time.Duration) {
		for range 3 {
			j := job{dir: dir(), from: from, to: to, sources: []string{source}, destination: []string{f.user()}}
			if s := f.copied(t, ours, j); least == 0 || s.wall < least {
				least = s.wall
			}
			f.remove(t, job{destination: j.destination})
		}
		return least
	}
	memory, disk := best(func() string { return memoryDir(t) }), best(t.TempDir)
	f.remove(t, job{sources: []string{source}})
	return []figure{{"first pass of 1,500 messages at 50 ms, ledger on disk", fmt.Sprintf("%s; %s in memory: %+.0f %%", seconds(disk), seconds(memory),
		100*(disk.Seconds()/memory.Seconds()-1))}}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
