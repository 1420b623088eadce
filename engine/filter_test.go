package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
	"mwiz/store"
)

// follow changes the project's rules.
func (r *rig) follow(rules engine.Rules) {
	r.t.Helper()
	p, err := r.ledger.Project(r.t.Context(), r.project)
	r.must(err)
	p.Settings.Rules = rules
	r.must(r.ledger.UpdateProject(r.t.Context(), p))
}

// year is a message of a year, small or large.
func year(n, year int, large bool) imaptest.Message {
	text := fmt.Sprintf("Subject: %d of %d\n\nx\n", n, year)
	if large {
		text += strings.Repeat("large\n", 5000)
	}
	return imaptest.Message{Bytes: []byte(text), Date: time.Date(year, 6, 1, 12, 0, n, 0, time.UTC)}
}

// only returns the mail that a condition holds for, with every folder.
func only(m imaptest.Mail, ok func(folder string, c imaptest.Copy) bool) imaptest.Mail {
	out := imaptest.Mail{}
	for folder, list := range m {
		out[folder] = slices.DeleteFunc(slices.Clone(list), func(c imaptest.Copy) bool { return !ok(folder, c) })
	}
	return out
}

// TestFiltersLeaveForLater lives through the days of a project whose rules change: what they leave out is not copied, is counted in every pass, costs
// nothing while they stay, and is copied once when they let it through.
func TestFiltersLeaveForLater(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{settings: engine.Settings{PassLimit: 100}})
	n := 0
	put := func(folder string, y int, large bool, count int) {
		for range count {
			n++
			imaptest.Put(t, r.root(engine.Source), folder, fmt.Sprint("m", n), year(n, y, large))
		}
	}
	for _, folder := range []string{imaptest.Inbox, "Old", "New"} {
		put(folder, 2019, false, 4)
		put(folder, 2022, true, 3)
		put(folder, 2024, false, 5)
	}
	since := func(y int) func(string, imaptest.Copy) bool {
		return func(_ string, c imaptest.Copy) bool { return time.Unix(c.Date, 0).UTC().Year() >= y }
	}
	want := only(r.mail(engine.Source), since(2022))
	pass := func(what string, copied, skipped int) {
		t.Helper()
		p := r.complete(engine.NewItems, copied)
		if p.Tally.Skipped != int64(skipped) {
			t.Errorf("%s: %d skipped, want %d", what, p.Tally.Skipped, skipped)
		}
		r.holds(want)
	}
	recent := engine.Rules{Since: "2022-01-01"}
	r.follow(recent)
	pass("since 2022", 24, 12)
	r.to.Forget()
	r.from.Forget()
	pass("again", 0, 12)
	for side, wire := range map[engine.Side]*imaptest.Proxy{engine.Source: r.from, engine.Destination: r.to} {
		for _, c := range wire.Commands() {
			if c.Name == "UID FETCH" || c.Name == "EXAMINE" && side == engine.Source {
				t.Errorf("%s: a pass with nothing new sends %s", side, c.Line)
			}
		}
	}

	before := r.mail(engine.Source)
	put("Old", 2019, false, 2)
	put("Old", 2024, false, 1)
	want.Add(only(r.mail(engine.Source).Minus(before), since(2022)))
	if p := r.run(engine.Preview); p.Tally.New != 1 || p.Tally.Skipped != 14 {
		t.Errorf("preview: %+v", p.Tally)
	}
	pass("new and old mail has come", 1, 14)

	cl := imaptest.SignIn(t, r.pair.source.Addr(), r.user) // two that are left out go, and two that are copied
	cl.Must("SELECT Old")
	cl.Must(`UID STORE 1:2,8:9 +FLAGS (\Deleted)`)
	cl.Must("EXPUNGE")
	cl.Close()
	pass("mail was deleted, nobody has looked", 0, 14)
	before = r.mail(engine.Source)
	put("Old", 2023, false, 1)
	want.Add(r.mail(engine.Source).Minus(before))
	pass("mail comes where some was deleted", 1, 12)

	small := engine.Rules{Since: "2022-01-01", MaxSize: 20_000}
	r.follow(small)
	before = r.mail(engine.Source)
	put("New", 2024, true, 2)
	pass("large mail is not wanted any more, what was copied stays", 0, 14)

	r.follow(engine.Rules{MaxSize: 20_000})
	want.Add(only(r.mail(engine.Source), func(_ string, c imaptest.Copy) bool { return time.Unix(c.Date, 0).UTC().Year() == 2019 }))
	pass("old mail is wanted now", 12, 2)

	r.follow(engine.Rules{})
	want.Add(only(r.mail(engine.Source).Minus(before), func(string, imaptest.Copy) bool { return true }))
	pass("everything is wanted", 2, 0)
	r.follow(recent)
	pass("less is wanted than is there", 0, 0)
	r.follow(engine.Rules{})
	pass("and everything again", 0, 0)
}

// TestFilteredMailThatIsThereIsRecognised: another tool has copied what rules leave out; it is known as copied, also when they let it through.
func TestFilteredMailThatIsThereIsRecognised(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{settings: engine.Settings{PassLimit: 100}})
	for n := range 6 {
		imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint("m", n), year(n, 2019+n, false))
	}
	imaptest.Put(t, r.root(engine.Destination), imaptest.Inbox, "there", year(0, 2019, false))
	r.follow(engine.Rules{Since: "2022-01-01"})
	if p := r.complete(engine.NewItems, 3); p.Tally.Adopted != 1 || p.Tally.Skipped != 2 {
		t.Errorf("%+v", p.Tally)
	}
	imaptest.Put(t, r.root(engine.Destination), imaptest.Inbox, "later", year(1, 2020, false))
	r.follow(engine.Rules{})
	if p := r.complete(engine.NewItems, 1); p.Tally.Adopted != 1 {
		t.Errorf("%+v", p.Tally)
	}
	r.holds(r.mail(engine.Source))
}

// TestWhatFiltersLeaveOutIsNoFailure: a message that failed is none once rules leave it out, and is tried again when they do not.
func TestWhatFiltersLeaveOutIsNoFailure(t *testing.T) {
	t.Parallel()
	p := newPair(t, imaptest.Options{}, imaptest.Options{MaxSize: 20_000})
	r := p.rig(t, "anna", setup{settings: engine.Settings{PassLimit: 100}})
	imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, "small", year(1, 2024, false))
	imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, "large", year(2, 2024, true))
	if first := r.run(engine.NewItems); first.Tally.Failed != 1 || first.Tally.Copied != 1 {
		t.Fatalf("%+v", first)
	}
	r.follow(engine.Rules{MaxSize: 20_000})
	for range 2 {
		if p := r.complete(engine.NewItems, 0); p.Tally.Skipped != 1 || len(r.failures()) != 0 {
			t.Errorf("%+v, failures %v", p.Tally, r.failures())
		}
	}
	r.follow(engine.Rules{})
	if again := r.run(engine.NewItems); again.Tally.Failed != 1 || again.Tally.Copied+again.Tally.Skipped != 0 {
		t.Errorf("%+v", again)
	}
}

// TestForgottenMessagesAreCounted forgets a failed message that rules leave out, as a pass does that is gone before its end: the next one looks, counts
// it as left out, and one that may copies it.
func TestForgottenMessagesAreCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{settings: engine.Settings{PassLimit: 100}})
	for n := range 3 {
		imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint("m", n), year(n, 2019+2*n, false))
	}
	r.complete(engine.NewItems, 3)
	r.follow(engine.Rules{Since: "2020-01-01"})
	r.complete(engine.NewItems, 0)
	kept, err := r.ledger.KeptFolders(t.Context(), r.mailbox)
	r.must(err)
	for _, k := range kept {
		if k.Items.Copied > 0 {
			_, err := r.ledger.CopyAgain(t.Context(), k.ID, []engine.UID{1})
			r.must(err)
			r.must(r.ledger.ForgetFailed(t.Context(), k.ID, []engine.UID{1}))
		}
	}
	if p := r.complete(engine.NewItems, 0); p.Tally.Skipped != 1 {
		t.Errorf("%+v", p.Tally)
	}
	r.follow(engine.Rules{})
	r.complete(engine.NewItems, 1)
}

// TestFailedMessagesGoWithTheirFolder leads a folder elsewhere that has a message which could not be copied: it is tried there, and is no failure any more.
func TestFailedMessagesGoWithTheirFolder(t *testing.T) {
	t.Parallel()
	p := newPair(t, imaptest.Options{}, imaptest.Options{MaxSize: 20_000})
	for _, kind := range []engine.PassKind{engine.NewItems, engine.Retry} {
		t.Run(string(kind), func(t *testing.T) {
			r := p.rig(t, "anna-"+string(kind), setup{settings: engine.Settings{PassLimit: 100}})
			imaptest.Put(t, r.root(engine.Source), "Clients", "small", year(1, 2024, false))
			imaptest.Put(t, r.root(engine.Source), "Clients", "large", year(2, 2024, true))
			if first := r.run(engine.NewItems); first.Tally.Failed != 1 || first.Tally.Copied != 1 {
				t.Fatalf("%+v", first)
			}
			r.follow(engine.Rules{Map: []engine.Mapping{{From: "Clients", To: "Old"}}})
			if again := r.run(kind); again.Tally.Failed != 1 || again.Tally.Copied != 0 || len(r.failures()) != 1 {
				t.Errorf("%+v, failures %v", again, r.failures())
			}
			p.destination.Change(func(o *imaptest.Options) { o.MaxSize = 0 })
			defer p.destination.Change(func(o *imaptest.Options) { o.MaxSize = 20_000 })
			if mended := r.run(kind); mended.State != engine.PassCompleted || mended.Tally.Copied != 1 || len(r.failures()) != 0 {
				t.Errorf("%+v, failures %v", mended, r.failures())
			}
			r.complete(engine.NewItems, 0)
			if m := r.mail(engine.Destination); len(m["Clients"]) != 1 || len(m["Old"]) != 1 {
				t.Errorf("%v", m)
			}
		})
	}
}

// TestExcludedFoldersStayBehind: a folder that rules leave out is not made, not opened, and told in every pass; when it is wanted again it goes on
// where it was.
func TestExcludedFoldersStayBehind(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{settings: engine.Settings{PassLimit: 100}})
	for i, folder := range []string{imaptest.Inbox, "Clients", "Clients/Acme", "Trash"} {
		for n := range 3 {
			imaptest.Put(t, r.root(engine.Source), folder, fmt.Sprint(folder[:2], n), year(10*i+n, 2024, false))
		}
	}
	r.follow(engine.Rules{Exclude: []string{"Clients/*", `\Trash`}})
	p := r.complete(engine.NewItems, 3)
	if p.Tally.Skipped != 9 || p.Tally.New != 3 {
		t.Errorf("%+v", p.Tally)
	}
	for name := range r.mail(engine.Destination) {
		if strings.HasPrefix(name, "Clients") {
			t.Errorf("%s was made", name)
		}
	}
	r.follow(engine.Rules{Exclude: []string{"Clients"}})
	if p := r.complete(engine.NewItems, 6); p.Tally.Skipped != 3 {
		t.Errorf("%+v", p.Tally)
	}
	r.follow(engine.Rules{Include: []string{"Trash"}})
	if p := r.complete(engine.NewItems, 0); p.Tally.Skipped != 3 {
		t.Errorf("what was copied counts as left out: %+v", p.Tally)
	}
	if p := r.run(engine.Verify); p.State != engine.PassCompleted || p.Tally.Verified != 9 || p.Tally.Skipped != 0 {
		t.Errorf("verified: %+v", p)
	}
	r.follow(engine.Rules{})
	r.complete(engine.NewItems, 3)
	r.complete(engine.NewItems, 0)
	r.holds(r.mail(engine.Source))
}

// TestFoldersGoElsewhere changes the place of a folder between passes: what was copied stays, what is new goes to the new place, nothing is copied
// twice, and verifying finds all of it.
func TestFoldersGoElsewhere(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{settings: engine.Settings{PassLimit: 100}})
	n := 0
	put := func(count int) imaptest.Mail {
		before := r.mail(engine.Source)
		for range count {
			n++
			imaptest.Put(t, r.root(engine.Source), "Clients", fmt.Sprint("m", n), year(n, 2024, false))
		}
		return r.mail(engine.Source).Minus(before)
	}
	want := r.mail(engine.Source)
	into := func(folder string, m imaptest.Mail) {
		want[folder] = append(want[folder], m["Clients"]...)
		if _, ok := want[folder]; !ok {
			want[folder] = nil
		}
	}
	into("Clients", put(15))
	r.run(engine.Trial) // copies ten of them
	there := r.mail(engine.Destination)
	want["Clients"] = there["Clients"]
	into("Old/Customers", imaptest.Mail{"Clients": r.mail(engine.Source).Minus(there)["Clients"]})
	moved := engine.Rules{Map: []engine.Mapping{{From: "Clients", To: "Old/Customers"}}}
	r.follow(moved)
	want["Old"] = nil
	r.complete(engine.NewItems, 5)
	delete(want, "Old") // a parent that Dovecot's Maildir need not have
	differ := func() {
		t.Helper()
		d := want.Diff(r.mail(engine.Destination))
		d.MoreFolder, d.NoFolder = nil, nil
		if !d.Empty() {
			t.Errorf("%s", d)
		}
	}
	differ()
	into("Old/Customers", put(3))
	r.complete(engine.NewItems, 3)
	differ()
	r.follow(engine.Rules{})
	into("Clients", put(2))
	r.complete(engine.NewItems, 2)
	r.complete(engine.NewItems, 0)
	differ()
	r.follow(moved)
	into("Old/Customers", put(1))
	r.complete(engine.NewItems, 1)
	differ()
	if v := r.run(engine.Verify); v.State != engine.PassCompleted || v.Tally.Verified != int64(n) || v.Tally.Removed+v.Tally.Different != 0 {
		t.Errorf("verified %d: %+v", n, v)
	}
	renumber(t, r.root(engine.Source))
	into("Old/Customers", put(2))
	r.complete(engine.NewItems, 2)
	r.complete(engine.NewItems, 0)
	differ()
	if v := r.run(engine.Verify); v.State != engine.PassCompleted || v.Tally.Verified != int64(n) || v.Tally.Removed+v.Tally.Different != 0 {
		t.Errorf("verified %d after renumbering: %+v", n, v)
	}
}

// flat is mail without its folders.
func flat(m imaptest.Mail) imaptest.Mail {
	out := imaptest.Mail{}
	for _, list := range m {
		out[""] = append(out[""], list...)
	}
	return out
}

// TestChangingRulesUnderKillsIsExact kills passes wherever they are and changes every rule there is between them: filters, places, folders that are
// left out or share a place, with twins that only their number tells apart. At no time is a message there twice; in the end all are there once.
func TestChangingRulesUnderKillsIsExact(t *testing.T) {
	t.Parallel()
	for _, without := range [][]string{nil, {"MULTIAPPEND", "UIDPLUS"}} {
		t.Run(strings.Join(append([]string{"without"}, without...), " "), func(t *testing.T) {
			t.Parallel()
			r := newPair(t, imaptest.Options{}, imaptest.Options{Without: without}).rig(t, "anna", setup{settings: engine.Settings{PassLimit: 1000}, rtt: 4 * time.Millisecond})
			folders := []string{imaptest.Inbox, "Clients", "Clients/Acme", "Sent"}
			total := 0
			for n := range 160 {
				m := year(n, 2015+n%10, n%7 == 0)
				for _, folder := range folders[:1+n%4] { // the same message in several folders, which may come to share one
					imaptest.Put(t, r.root(engine.Source), folder, fmt.Sprint("m", n), m)
					total++
				}
			}
			r.rulesAndKills(total, kills(12))
		})
	}
}

// rulesAndKills kills children at work under ever other rules, then lets one come to the end without any.
func (r *rig) rulesAndKills(total, kills int) {
	t := r.t
	t.Helper()
	r.close() // the children have the ledger now
	order, err := json.Marshal(childOrder{Dir: r.dir, Project: r.project, Mailbox: r.mailbox})
	r.must(err)
	seed := firstSeed()
	random := rand.New(rand.NewPCG(seed, 0))
	want := flat(r.mail(engine.Source))
	struck, inDoubt, ends := 0, 0, 0
	r.from.Limit(150_000)
	for struck < kills && ends < 3*kills {
		r.edit(randomRules(random))
		when := r.sentMore(random.Int64N(25_000))
		p, err := runChild(order, when)
		switch {
		case errors.Is(err, errKilled):
			struck++
			inDoubt += r.claimed()
		case err != nil:
			t.Fatalf("seed %d: child: %v", seed, err)
		default:
			ends++
			if p.State != engine.PassCompleted {
				t.Errorf("seed %d: a pass is %s: %s", seed, p.State, p.Error)
			}
		}
		if d := want.Diff(flat(r.mail(engine.Destination))); len(d.Doubled)+len(d.Extra) > 0 {
			t.Fatalf("seed %d, after %d kills: %s", seed, struck, d)
		}
	}
	r.from.Limit(0)
	r.edit(engine.Rules{})
	for _, copied := range []bool{true, false} {
		p, err := runChild(order, time.After(2*time.Minute))
		if err != nil || p.State != engine.PassCompleted || !copied && p.Tally.Copied > 0 {
			t.Fatalf("seed %d: last pass is %s (%s) with %d copied, %v", seed, p.State, p.Error, p.Tally.Copied, err)
		}
		if d := want.Diff(flat(r.mail(engine.Destination))); !d.Empty() {
			t.Errorf("seed %d: in the end\n%s", seed, d)
		}
	}
	r.open() // and closing checks the ledger's integrity
	rows, err := r.ledger.MailboxRows(t.Context(), r.project, engine.Page{Limit: 1})
	r.must(err)
	if items := rows[0].Items; items.Copied != int64(total) || items.All() != int64(total) {
		t.Errorf("seed %d: the ledger has %+v of %d", seed, items, total)
	}
	if v := r.run(engine.Verify); v.State != engine.PassCompleted || v.Tally.Verified != int64(total) {
		t.Errorf("seed %d: verified: %+v", seed, v)
	}
	t.Logf("seed %d: %d kills, %d items found in doubt, %d passes came to their end", seed, struck, inDoubt, ends)
	if inDoubt == 0 {
		t.Errorf("seed %d: the kills proved little", seed)
	}
}

// edit changes the rules while nobody has the ledger.
func (r *rig) edit(rules engine.Rules) {
	r.t.Helper()
	l, err := store.Open(r.t.Context(), r.dir, nil)
	r.must(err)
	p, err := l.Project(r.t.Context(), r.project)
	r.must(err)
	p.Settings.Rules = rules
	r.must(l.UpdateProject(r.t.Context(), p))
	r.must(l.Close())
}

// randomRules returns rules of every sort.
func randomRules(random *rand.Rand) (rules engine.Rules) {
	one := func() bool { return random.IntN(3) == 0 }
	if one() {
		rules.Since = engine.Day(fmt.Sprintf("%d-01-01", 2015+random.IntN(10)))
	}
	if one() {
		rules.Until = engine.Day(fmt.Sprintf("%d-12-31", 2024))
	}
	if one() {
		rules.MaxSize = 10_000
	}
	if one() {
		rules.Exclude = []string{[]string{"Clients/*", `\Sent`, "re:^clients/", "INBOX"}[random.IntN(4)]}
	}
	if rules.Merge = one(); rules.Merge {
		rules.Map = []engine.Mapping{{From: "Clients", To: "INBOX"}, {From: "Sent", To: "INBOX"}}
	} else if one() {
		rules.Map = []engine.Mapping{{From: "Clients", To: "Old"}}
	}
	if one() {
		rules.Prefix = "Moved"
	}
	return rules
}

// TestSharedFoldersHoldBoth leads two folders into one, with messages that are the same in both and one that is there already; each folder's numbers
// add up, and the copies of both are told apart.
func TestSharedFoldersHoldBoth(t *testing.T) {
	t.Parallel()
	r := newRig(t, setup{settings: engine.Settings{PassLimit: 100}})
	put := func(folder string, from, to int) {
		for n := from; n < to; n++ {
			imaptest.Put(t, r.root(engine.Source), folder, fmt.Sprint("m", n), year(n, 2024, false))
		}
	}
	put("Sent", 0, 6)
	put("Sent Items", 3, 10)
	put("Outbox", 9, 12)
	imaptest.Put(t, r.root(engine.Destination), "Sent", "there", year(4, 2024, false)) // another tool has copied it: for one of the two
	r.follow(engine.Rules{Map: []engine.Mapping{{From: "Sent Items", To: "Sent"}, {From: "Outbox", To: "Sent"}}, Merge: true})
	want := func() imaptest.Mail {
		m := r.mail(engine.Source)
		for _, f := range []string{"Sent Items", "Outbox"} {
			m["Sent"] = append(m["Sent"], m[f]...)
			delete(m, f)
		}
		return m
	}
	if p := r.run(engine.Preview); p.Tally.Adopted != 1 || p.Tally.New != 16 {
		t.Errorf("preview: %+v", p.Tally)
	}
	if p := r.complete(engine.NewItems, 15); p.Tally.Adopted != 1 {
		t.Errorf("%+v", p.Tally)
	}
	r.holds(want())
	r.complete(engine.NewItems, 0)
	put("Sent", 20, 22)
	put("Outbox", 20, 24)
	r.complete(engine.NewItems, 6)
	r.complete(engine.NewItems, 0)
	r.holds(want())
	if v := r.run(engine.Verify); v.Tally.Verified != 22 || v.State != engine.PassCompleted {
		t.Errorf("verified: %+v", v)
	}
}

// TestPreviewTellsWhatWillHappen: what is too large, what the quota has no room for, and what folders will be called; then a pass does just that.
func TestPreviewTellsWhatWillHappen(t *testing.T) {
	t.Parallel()
	t.Run("hidden", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, setup{})
		for n, folder := range []string{imaptest.Inbox, "Seen", "Unseen"} {
			imaptest.Put(t, r.root(engine.Source), folder, fmt.Sprint("m", n), year(n, 2024, false))
		}
		hidden := func() (names []string) {
			folders, err := r.ledger.PassFolders(t.Context(), r.run(engine.Preview).ID)
			r.must(err)
			for _, f := range folders {
				if f.Hidden {
					names = append(names, f.Source)
				}
			}
			return names
		}
		if got := hidden(); len(got) > 0 {
			t.Errorf("without subscriptions %q are hidden", got)
		}
		cl := imaptest.SignIn(t, r.pair.source.Addr(), r.user)
		cl.Must("SUBSCRIBE Seen")
		cl.Close()
		if got := hidden(); !slices.Equal(got, []string{"Unseen"}) {
			t.Errorf("%q are hidden", got)
		}
	})
	t.Run("quota", func(t *testing.T) {
		t.Parallel()
		p := newPair(t, imaptest.Options{}, imaptest.Options{Bytes: 115_000})
		r := p.rig(t, "anna", setup{})
		for n := range 3 {
			imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, fmt.Sprint("m", n), year(n, 2024, true)) // 30 kB each
		}
		if got := r.run(engine.Preview); got.State != engine.PassCompleted || got.Lack != (engine.Room{}) {
			t.Errorf("there is room, but %+v", got)
		}
		imaptest.Put(t, r.root(engine.Source), imaptest.Inbox, "m3", year(3, 2024, true))
		if got := r.run(engine.Preview); got.Lack.Bytes < 20_000 || got.Lack.Bytes > 45_000 || got.Lack.Messages != 0 {
			t.Errorf("there is no room, but %+v", got)
		}
	})
	t.Run("names and sizes", func(t *testing.T) {
		t.Parallel()
		r := newCyrusRig(t, imaptest.CyrusOptions{Special: map[string]string{}, MaxSize: 20_000}, setup{})
		for n, folder := range []string{`Quotes "and" back\slash`, `Quotes "and" back\slash/deep|er`, "plain", "per%cent", "per_cent", "brackets()"} {
			imaptest.Put(t, r.root(engine.Source), folder, fmt.Sprint("m", n), year(n, 2024, false))
		}
		imaptest.Put(t, r.root(engine.Source), "plain", "large", year(9, 2024, true))
		names := func(p engine.Pass) string {
			folders, err := r.ledger.PassFolders(t.Context(), p.ID)
			r.must(err)
			var all []string
			for _, f := range folders {
				if f.Why != "" {
					all = append(all, fmt.Sprintf("%s > %s (%s)", f.Source, f.Destination, f.Why))
				}
				if f.Unexplained() != 0 {
					t.Errorf("%+v", f)
				}
			}
			slices.Sort(all)
			return strings.Join(all, "\n")
		}
		preview := r.run(engine.Preview)
		if preview.Tally.New != 7 || preview.Tally.Failed != 1 {
			t.Errorf("%+v", preview)
		}
		told := names(preview)
		for _, part := range []string{"Quotes _and_ back_slash/deep_er (renamed)", "brackets() (name)", "per%cent > per_cent (2) (renamed)", "per_cent > per_cent (name)"} {
			if !strings.Contains(told, part) {
				t.Errorf("%s is not in\n%s", part, told)
			}
		}
		if done := r.run(engine.NewItems); done.Tally.Copied != 6 || done.Tally.Failed != 1 || names(done) != told {
			t.Errorf("%+v\n%s\ninstead of\n%s", done, names(done), told)
		}
		if later := names(r.run(engine.NewItems)); strings.Count(later, "\n") != strings.Count(told, "\n") {
			t.Errorf("later\n%s", later)
		}
	})
}

// TestSharedFolderWithAForbiddenName: when the destination refuses the name of a folder that two share, both go to its plain name.
func TestSharedFolderWithAForbiddenName(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} { // whether the engine knows what a Cyrus forbids
		t.Run(fmt.Sprint(known), func(t *testing.T) {
			t.Parallel()
			o := imaptest.CyrusOptions{Special: map[string]string{}}
			if !known {
				o.Without = []string{"ID"}
			}
			r := newCyrusRig(t, o, setup{})
			for n, folder := range []string{"A", "A", "B", "B", "B"} {
				imaptest.Put(t, r.root(engine.Source), folder, fmt.Sprint("m", n), year(n/2, 2024, false))
			}
			r.follow(engine.Rules{Map: []engine.Mapping{{From: "A", To: "All <mail>"}, {From: "B", To: "All <mail>"}}, Merge: true})
			r.complete(engine.NewItems, 5)
			r.complete(engine.NewItems, 0)
			if got := r.mail(engine.Destination); len(got["All _mail_"]) != 5 {
				t.Errorf("%v", got)
			}
		})
	}
}
