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
type figure struct{ what, value, aim string }

// copied does one first pass of the job and compares what has arrived.
func (f *field) copied(t *testing.T, tool tool, j job) sample {
	t.Helper()
	if tool.ready != nil {
		tool.ready(t, j)
	}
	s, err := measure(tool.pass(t, j))
	must(t, err)
	t.Logf("%s, %d mailboxes: %.3f s, CPU %.3f s, %d MB", tool.name, len(j.sources), s.wall.Seconds(), s.cpu.Seconds(), s.memory>>20)
	for i := range j.sources {
		if d := imaptest.Compare(t, f.source.MailRoot(j.sources[i]), f.destination.MailRoot(j.destination[i])); !d.Empty() {
			t.Errorf("mailbox %d is not exact:\n%s", i, d)
		}
	}
	return s
}

// many copies 50 mailboxes of 200 messages over 50 ms, and one alone; and so do bare sockets, which tell what the machine and its servers can.
func (f *field) many(t *testing.T, all []tool) (out []figure) {
	const mailboxes, messages = 50, 200
	from, to := f.wire(t, 50*time.Millisecond)
	var sources []string
	for i := range mailboxes {
		sources = append(sources, f.user())
		f.mailbox(t, sources[i], imaptest.CorpusOptions{Messages: messages, Folders: folders[:8], Median: 4000, Seed: uint64(i)})
	}
	run := func(tool tool, sources []string) sample {
		j := job{dir: memoryDir(t), from: from, to: to, sources: sources}
		for range sources {
			j.destination = append(j.destination, f.user())
		}
		defer f.remove(t, job{destination: j.destination})
		return f.copied(t, tool, j)
	}
	for _, tool := range all[:2] {
		one := min(run(tool, sources[:1]).wall, run(tool, sources[:1]).wall, run(tool, sources[:1]).wall)
		out = append(out, figure{tool.name + ": one mailbox of 200 messages at 50 ms", seconds(one), ""})
		many := run(tool, sources)
		if again := run(tool, sources); again.wall < many.wall {
			many = again
		}
		together := figure{tool.name + ": 50 such mailboxes", rate(many, mailboxes, one), ""}
		if !tool.floor {
			together.aim = reached("≥ 20 times", mailboxes*one >= 20*many.wall)
		}
		out = append(out, together)
	}
	f.remove(t, job{sources: sources})
	return out
}

// rate says how much quicker so many mailboxes are copied together than one.
func rate(s sample, mailboxes int, one time.Duration) string {
	return fmt.Sprintf("%s, %.1f times the rate of one; CPU %s, %d MB", seconds(s.wall), float64(mailboxes)*one.Seconds()/s.wall.Seconds(), seconds(s.cpu), s.memory>>20)
}

// large copies 50 mailboxes with a message of 50 MB in each.
func (f *field) large(t *testing.T, all []tool) []figure {
	const mailboxes = 50
	j := job{dir: memoryDir(t), from: f.source.Addr(), to: f.destination.Addr()}
	body := append([]byte("Subject: large\n\n"), bytes.Repeat([]byte("All work and no play makes mail a dull boy.\n"), 50<<20/44)...)
	for range mailboxes {
		user := f.user()
		_, root := f.mailbox(t, user, imaptest.CorpusOptions{Messages: 100, Folders: folders[:4]})
		imaptest.Put(t, root, imaptest.Inbox, "large", imaptest.Message{Bytes: body, Flags: []string{`\Seen`}, Date: time.Unix(1_600_000_000, 0)})
		j.sources, j.destination = append(j.sources, user), append(j.destination, f.user())
	}
	s := f.copied(t, all[1], j)
	f.remove(t, j)
	return []figure{{"50 mailboxes with a message of 50 MB each", fmt.Sprintf("%d MB of memory at most, %s", s.memory>>20, seconds(s.wall)),
		reached("≤ 150 MB", s.memory>>20 <= 150)}}
}

// idle times a pass with nothing new over mailboxes of some and of very many messages, and how long the servers alone take to answer its one
// question: they keep Maildirs, and look through them.
func (f *field) idle(t *testing.T, all []tool) []figure {
	const few, many, rounds = 1000, 100_000, 5
	from, to := f.wire(t, 50*time.Millisecond)
	best := func(messages int) (pass, servers time.Duration) {
		j := job{dir: memoryDir(t), from: from, to: to, sources: []string{f.user()}, destination: []string{f.user()}}
		f.mailbox(t, j.sources[0], imaptest.CorpusOptions{Messages: messages, Folders: folders, Median: 300, Largest: 2000, Seed: 1})
		f.copied(t, all[1], j)
		for range rounds {
			s, err := measure(all[1].pass(t, j))
			must(t, err)
			list := f.listed(t, j.sources[0], j.destination[0])
			if pass == 0 || s.wall < pass {
				pass = s.wall
			}
			if servers == 0 || list < servers {
				servers = list
			}
		}
		f.remove(t, j)
		return pass, servers
	}
	small, smallList := best(few)
	large, largeList := best(many)
	rest, most := large-largeList, (small-smallList)*11/10
	return []figure{{"nothing new in 100,000 messages at 50 ms", fmt.Sprintf("%s, of which the servers take %s to list their folders; %s and %s in 1,000",
		seconds(large), seconds(largeList), seconds(small), seconds(smallList)), reached("+10 % at most, but for the servers' part", rest <= most)}}
}

// listed returns how long the servers take to tell the status of all folders, when they are asked at the same time, as by a pass.
func (f *field) listed(t *testing.T, source, destination string) time.Duration {
	t.Helper()
	from, to := imaptest.SignIn(t, f.source.Addr(), source), imaptest.SignIn(t, f.destination.Addr(), destination)
	defer from.Close()
	defer to.Close()
	began := time.Now()
	told := make(chan error, 1)
	go func() {
		_, _, err := from.Do(`LIST "" "*" RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY SIZE))`)
		told <- err
	}()
	to.Must(`LIST "" "*" RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY))`)
	must(t, <-told)
	return time.Since(began)
}

// disk does the first pass of the far load with the ledger on a memory file system and on the disk.
func (f *field) disk(t *testing.T, all []tool) []figure {
	l := loads[0]
	from, to := f.wire(t, l.rtt)
	source := f.user()
	f.mailbox(t, source, imaptest.CorpusOptions{Messages: l.messages, Folders: l.folders, Median: l.median, Seed: 1})
	best := func(dir func() string) (least time.Duration) {
		for range 3 {
			j := job{dir: dir(), from: from, to: to, sources: []string{source}, destination: []string{f.user()}}
			if s := f.copied(t, all[1], j); least == 0 || s.wall < least {
				least = s.wall
			}
			f.remove(t, job{destination: j.destination})
		}
		return least
	}
	memory, disk := best(func() string { return memoryDir(t) }), best(t.TempDir)
	f.remove(t, job{sources: []string{source}})
	return []figure{{"first pass of 1,500 messages at 50 ms, ledger on disk", fmt.Sprintf("%s; %s in memory: %+.0f %%", seconds(disk), seconds(memory),
		100*(disk.Seconds()/memory.Seconds()-1)), reached("≤ +10 %", disk.Seconds() <= 1.1*memory.Seconds())}}
}

// lines copies a mailbox over lines that let so much through for each connection, and for all of them together, with the lanes that a pass begins with and with
// as many as pay.
func (f *field) lines(t *testing.T, all []tool) (out []figure) {
	const messages, megabit = 3000, 1_000_000 / 8
	source := f.user()
	f.mailbox(t, source, imaptest.CorpusOptions{Messages: messages, Folders: folders[:8], Median: 5500, Seed: 1})
	for _, line := range []struct {
		name string
		o    imaptest.WireOptions
		aim  string
		most float64 // times the seconds without more lanes
	}{
		{"2 Mbit/s for each connection", imaptest.WireOptions{RTT: 30 * time.Millisecond, BytesPerSecond: 2 * megabit}, "≤ 0.75 times", 0.75},
		{"8 Mbit/s for all connections together", imaptest.WireOptions{RTT: 30 * time.Millisecond, Together: 8 * megabit}, "≤ 1.05 times", 1.05},
	} {
		run := func(lanes int) time.Duration {
			from, to := imaptest.Wire(t, f.source.Addr(), line.o), imaptest.Wire(t, f.destination.Addr(), line.o)
			j := job{dir: memoryDir(t), from: from.Addr(), to: to.Addr(), sources: []string{source}, destination: []string{f.user()}, lanes: lanes}
			defer f.remove(t, job{destination: j.destination})
			return f.copied(t, all[1], j).wall
		}
		four, more := run(4), run(0)
		times := more.Seconds() / four.Seconds()
		out = append(out, figure{fmt.Sprintf("first pass of 3,000 messages at 30 ms, %s", line.name),
			fmt.Sprintf("%s; %s with four connections a side: %.2f times", seconds(more), seconds(four), times), reached(line.aim, times <= line.most)})
	}
	f.remove(t, job{sources: []string{source}})
	return out
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
