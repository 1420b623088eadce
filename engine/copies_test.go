package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// copied counts the commands by which messages were copied within a provider.
func copied(p *imaptest.Provider) (n int) {
	for _, c := range p.Commands() {
		if strings.HasPrefix(c, "UID COPY") {
			n++
		}
	}
	return n
}

// once holds that every message was downloaded once, but for some that may have been twice.
func once(t *testing.T, source *imaptest.Provider, messages int, twice ...uint64) {
	t.Helper()
	times, _ := source.Downloads()
	if len(times) != messages {
		t.Errorf("%d messages were downloaded, of %d", len(times), messages)
	}
	for m, n := range times {
		if want := 1 + len(slices.DeleteFunc(slices.Clone(twice), func(o uint64) bool { return o != m })); n != want {
			t.Errorf("message %d was downloaded %d times, want %d", m, n, want)
		}
	}
}

// labelledMail delivers messages with one and a half labels in the mean: half of them two, in turn with all sorts of flags. It returns what should be
// where at the destination.
func labelledMail(source *imaptest.Provider, n int, body, sent string) imaptest.Mail {
	for i := range n {
		m := letter(fmt.Sprintf("m%04d", i), [][]string{{`\Seen`}, {}, {`\Seen`, `\Flagged`, "$Forwarded"}, {`\Answered`}, {`\Draft`, `\Seen`}}[i%5]...)
		m.Bytes = append(m.Bytes, body...)
		m.Date = time2020.Add(time.Duration(i) * time.Minute)
		folders := [][]string{{imaptest.Inbox}, {imaptest.Inbox, "Kunden"}, {"[Gmail]/Gesendet", "Kunden"}, {"Kunden"}}[i%4]
		source.Deliver("anna", m, folders...)
	}
	all := source.Read("anna")
	return imaptest.Mail{"INBOX": all[imaptest.Inbox], "Kunden": all["Kunden"], sent: all["[Gmail]/Gesendet"]}
}

// unlike reports how what a destination holds differs from what it should, folders that should be empty left out.
func unlike(want, got imaptest.Mail) string {
	got = got.Clone()
	for f := range got {
		for i := range got[f] {
			flags := strings.Fields(strings.ToLower(got[f][i].Flags))
			slices.Sort(flags)
			got[f][i].Flags = strings.Join(flags, " ")
		}
		if len(got[f]) == 0 && len(want[f]) == 0 {
			delete(got, f)
		}
	}
	d := want.Diff(got)
	if d.Empty() {
		return ""
	}
	return d.String()
}

// TestMessagesOfManyLabelsComeOnce: with one lane and with four, every message is downloaded and uploaded once, and lies in the folder of each of its
// labels with its flags and date; the day's volume counts it once.
func TestMessagesOfManyLabelsComeOnce(t *testing.T) {
	t.Parallel()
	const n = 600
	for _, lanes := range []int{1, 4} {
		t.Run(fmt.Sprint(lanes, " lanes"), func(t *testing.T) {
			t.Parallel()
			source, destination := gmail(t), other(t, imaptest.ProviderOptions{})
			want := labelledMail(source, n, strings.Repeat("text and more text\n", 200), "Sent Items")
			r := providers(t, source, destination, setup{settings: engine.Settings{Lanes: lanes, DownloadDay: 1000, UploadDay: 1000}})
			p := r.complete(engine.NewItems, n*3/2)
			if d := unlike(want, destination.Read("anna")); d != "" {
				t.Error(d)
			}
			once(t, source, n)
			_, octets := source.Downloads()
			for _, written := range []bool{false, true} {
				to := r.from.Endpoint(source.Endpoint())
				if written {
					to = r.to.Endpoint(destination.Endpoint())
				}
				volumes, err := r.ledger.Volumes(t.Context(), engine.AccountKey(to, "anna"), written, time.Now().Add(-time.Hour))
				r.must(err)
				var counted int64
				for _, v := range volumes {
					counted += v.Bytes
				}
				if counted < octets || counted > octets+300*n {
					t.Errorf("written %t: %d bytes count, where %d went", written, counted, octets)
				}
			}
			t.Logf("%d messages in %d places: %d bytes came, %d count as copied, %d UID COPY", n, n*3/2, octets, p.Tally.Bytes, copied(destination))
			r.complete(engine.NewItems, 0)
			if p := r.run(engine.Verify); p.Tally.Verified != n*3/2 || p.Tally.Different+p.Tally.Removed != 0 {
				t.Errorf("verify: %+v", p.Tally)
			}
		})
	}
}

// TestLabelThatComesLater is not downloaded again: from whatever folder it was copied first, though it lies there no more; unless its flags are others now, or
// its copy was removed.
func TestLabelThatComesLater(t *testing.T) {
	t.Parallel()
	source, destination := gmail(t), other(t, imaptest.ProviderOptions{})
	moved := source.Deliver("anna", letter("moved", `\Seen`), imaptest.Inbox)
	bare := source.Deliver("anna", letter("bare"))
	read := source.Deliver("anna", letter("read"), imaptest.Inbox)
	removed := source.Deliver("anna", letter("removed"), imaptest.Inbox)
	r := providers(t, source, destination, setup{settings: engine.Settings{PassLimit: 100}})
	r.complete(engine.NewItems, 4)
	source.Unlabel("anna", moved, imaptest.Inbox)
	for _, m := range []uint64{moved, bare, read, removed} {
		source.Label("anna", m, "Kunden")
	}
	source.Mark("anna", read, `\Seen`)
	destination.Remove("anna", imaptest.Inbox, "removed")
	r.complete(engine.NewItems, 4)
	once(t, source, 4, read, removed)
	subjects(t, destination, map[string]string{imaptest.Inbox: "moved read", "Kunden": "bare moved read removed", "Archive": "bare"})
	for i, c := range destination.Read("anna")["Kunden"] {
		if subject := destination.Subjects("anna", "Kunden")[i]; (subject == "read" || subject == "moved") != (c.Flags == `\seen`) {
			t.Errorf("%s has flags %q", subject, c.Flags)
		}
	}
	r.complete(engine.NewItems, 0)
}

// TestDestinationThatDoesNotCopy gets every message by download: one that tells no UIDs, refuses the command, or copies and does not say so.
func TestDestinationThatDoesNotCopy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o     imaptest.ProviderOptions
		twice bool // the second label is downloaded
	}{
		"no UIDPLUS": {imaptest.ProviderOptions{NoUIDs: true}, true},
		"refused": {imaptest.ProviderOptions{Refuse: func(_, command string) string {
			if strings.HasPrefix(command, "UID COPY") {
				return "NO [CANNOT] not between these"
			}
			return ""
		}}, true},
		"not understood": {imaptest.ProviderOptions{Refuse: func(_, command string) string {
			if strings.HasPrefix(command, "UID COPY") {
				return "BAD Command Error. 10"
			}
			return ""
		}}, true},
		"nothing copied": {imaptest.ProviderOptions{Refuse: func(_, command string) string {
			if strings.HasPrefix(command, "UID COPY") {
				return "OK nothing done"
			}
			return ""
		}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, destination := gmail(t), other(t, c.o)
			var numbers []uint64
			for i := range 5 {
				numbers = append(numbers, source.Deliver("anna", letter(fmt.Sprint("m", i)), imaptest.Inbox, "Kunden"))
			}
			r := providers(t, source, destination, setup{})
			began := time.Now()
			r.complete(engine.NewItems, 10)
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
			subjects(t, destination, map[string]string{imaptest.Inbox: "m0 m1 m2 m3 m4", "Kunden": "m0 m1 m2 m3 m4"})
			once(t, source, 5, numbers...)
			r.complete(engine.NewItems, 0)
		})
	}
}

// TestCopyOfUnknownOutcome: the destination copies and does not say so, denies it, or falls silent in the middle; nothing is there twice, and nothing that was
// copied is downloaded again.
func TestCopyOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]imaptest.Fault{
		"cut before the answer":  {Before: "COPYUID"},
		"cut before the command": {Before: "UID COPY", Up: true},
		"late":                   {Before: "UID COPY", Up: true, Mode: imaptest.Late, Delay: 300 * time.Millisecond},
		"denied":                 {Before: " OK [COPYUID", Mode: imaptest.Deny},
		"closed":                 {Before: "COPYUID", Mode: imaptest.Close},
		"bye":                    {Before: "COPYUID", Mode: imaptest.Bye},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, destination := gmail(t), other(t, imaptest.ProviderOptions{})
			want := labelledMail(source, 40, "", "Sent Items")
			r := providers(t, source, destination, setup{settings: engine.Settings{PassLimit: 100}})
			r.to.Break(fault)
			r.run(engine.NewItems)
			if r.to.Broken() == 0 && fault.Mode != imaptest.Deny {
				t.Error("nothing was cut")
			}
			r.to.Mend()
			if p := r.run(engine.NewItems); p.State != engine.PassCompleted {
				t.Errorf("%+v", p)
			}
			if d := unlike(want, destination.Read("anna")); d != "" {
				t.Error(d)
			}
			once(t, source, 40)
			r.complete(engine.NewItems, 0)
		})
	}
}

// TestSharingIsExactAtDovecot copies labels to a Dovecot, whose answers are real, and breaks passes at every step.
func TestSharingIsExactAtDovecot(t *testing.T) {
	t.Parallel()
	server := imaptest.Dovecot(t, imaptest.Options{})
	source := gmail(t)
	want := labelledMail(source, 60, "", "[Gmail]/Gesendet")
	attempt := func(t *testing.T, mode string, at int) (taken int, place string) {
		user := fmt.Sprintf("%s-%d", strings.ReplaceAll(mode, " ", ""), at)
		from, to := imaptest.Wire(t, source.Addr(), imaptest.WireOptions{}), imaptest.Wire(t, server.Addr(), imaptest.WireOptions{})
		order := newOrder(t, from.Endpoint(source.Endpoint()), to.Endpoint(server.Endpoint()), user, engine.Settings{Lanes: 1})
		order.Sparse = 20
		first, taken, place := order.broken(t.Context(), t, mode, at, from, to)
		where := fmt.Sprintf("%s at step %d (%s), then %s", mode, at, place, first.State)
		for _, next := range []string{"second", "third"} {
			p, err := order.pass(t.Context(), new(steps).wrap)
			if err != nil || p.State != engine.PassCompleted || next == "third" && p.Tally.Copied+p.Tally.Adopted > 0 {
				t.Errorf("%s; the %s pass is %s (%s %s) with %+v, %v", where, next, p.State, p.Cause, p.Error, p.Tally, err)
			}
			if d := unlike(want, imaptest.ReadMail(t, server.MailRoot(user))); d != "" {
				t.Errorf("%s, after the %s pass:\n%s", where, next, d)
			}
		}
		return taken, place
	}
	total, _ := attempt(t, "count", 0)
	t.Log("steps:", total)
	every, first := stepping(total, 5)
	for i, mode := range []string{"cut", "full", "gone"} {
		for at := first + i*every/3; at <= total; at += every {
			t.Run(fmt.Sprint(mode, " ", at), func(t *testing.T) {
				t.Parallel()
				_, place := attempt(t, mode, at)
				t.Log(place)
			})
		}
	}
}
