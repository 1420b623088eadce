package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mwiz/engine"
)

// asChild makes the test binary do something else than testing, to be killed for instance.
const asChild = "MWIZ_TEST_CHILD"

func TestMain(m *testing.M) {
	dir := os.Getenv("MWIZ_TEST_DIR")
	switch os.Getenv(asChild) {
	case "":
		os.Exit(m.Run())
	case "write":
		childWrites(dir)
	case "migrate":
		childMigrates(dir)
	case "open":
		childOpens(dir)
	}
}

// child starts the test binary as one of the children.
func child(t testing.TB, role, dir string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), asChild+"="+role, "MWIZ_TEST_DIR="+dir)
	return c
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const (
	lanes   = 8  // goroutines of the writing child, each with a folder of its own
	perStep = 10 // items of a batch
)

// childWrites claims and settles until it is killed, and says what is written only after it was told so: "c 3 17" means that in folder 3
// batch 17 is claimed; s: settled as copied, f: as failed, r: released, a: watermark advanced behind it.
func childWrites(dir string) {
	ctx := context.Background()
	l, err := Open(ctx, dir, nil)
	fail(err)
	_, err = l.InterruptPasses(ctx)
	fail(err)
	p, err := l.ProjectByName(ctx, "crash")
	fail(err)
	mailboxes, err := l.Mailboxes(ctx, p.ID)
	fail(err)
	queued, _, err := l.QueuePasses(ctx, []engine.MailboxID{mailboxes[0].ID}, engine.NewItems, 1<<30)
	fail(err)
	fail(l.StartPass(ctx, queued[0].ID, engine.PassRecord{}))
	_, err = l.CountPass(ctx, queued[0].ID)
	fail(err)
	fmt.Println("p", queued[0].ID, 0)
	claims, _, err := l.OpenClaims(ctx, mailboxes[0].ID)
	fail(err)
	for _, c := range claims { // what the killed one before has left
		var uids []engine.UID
		for _, item := range c.Items {
			uids = append(uids, item.UID)
		}
		fail(l.Release(ctx, c.Folder, uids))
	}
	var wg sync.WaitGroup
	for lane := range lanes {
		wg.Go(func() {
			f, err := l.KeepFolder(ctx, engine.KeptFolder{Mailbox: mailboxes[0].ID, Name: engine.FolderName(fmt.Sprint(lane)), Validity: 1})
			fail(err)
			known, err := l.KnownUIDs(ctx, f.ID, 0)
			fail(err)
			failed, err := l.FailedUIDs(ctx, f.ID, engine.NoError)
			fail(err)
			first := 1
			if all := known.Union(failed); len(all) > 0 {
				first = int(all[len(all)-1].Last)/perStep + 1
			}
			for batch := first; ; batch++ {
				childSteps(l, queued[0].ID, f.ID, lane, batch)
			}
		})
	}
	wg.Wait()
}

// uidsOf returns the UIDs of a batch.
func uidsOf(batch int) (uids []engine.UID) {
	for i := range perStep {
		uids = append(uids, engine.UID(batch*perStep+i))
	}
	return uids
}

// childSteps is the life of one batch.
func childSteps(l *Ledger, pass engine.PassID, folder engine.FolderID, lane, batch int) {
	ctx := context.Background()
	c := engine.Claim{Pass: pass, Folder: folder, Destination: "x"}
	var copied, failed []engine.Outcome
	for _, uid := range uidsOf(batch) {
		c.Items = append(c.Items, engine.ClaimedItem{UID: uid, Size: 5, Head: engine.Digest{byte(uid)}, Body: engine.Digest{byte(batch)}})
		copied = append(copied, engine.Outcome{UID: uid, State: engine.Copied, DestinationUID: uid})
		failed = append(failed, engine.Outcome{UID: uid, State: engine.ItemFailed, Failure: &engine.Failure{Kind: engine.Refused, Subject: "s"}})
	}
	_, err := l.Claim(ctx, c)
	fail(err)
	fmt.Println("c", lane, batch)
	switch batch % 4 {
	case 0:
		fail(l.Release(ctx, folder, uidsOf(batch)))
		fmt.Println("r", lane, batch)
	case 1:
		fail(l.Settle(ctx, pass, folder, failed))
		fmt.Println("f", lane, batch)
	default:
		fail(l.Settle(ctx, pass, folder, copied))
		fmt.Println("s", lane, batch)
		fail(l.Advance(ctx, folder, engine.Finished{Watermark: engine.UID(batch*perStep) + perStep - 1}))
		fmt.Println("a", lane, batch)
	}
}

// A process that is killed while it writes loses nothing that it was told is written, and leaves no half operation. MWIZ_KILLS sets how
// often it is killed.
func TestKilledWriter(t *testing.T) {
	kills := 6
	if n, err := strconv.Atoi(os.Getenv("MWIZ_KILLS")); err == nil {
		kills = n
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	acks, inDoubt := 0, 0
	var dir string
	var project engine.ProjectID
	for kill := range kills {
		if kill%10 == 0 { // a fresh ledger now and then, or looking at all of it would take longer and longer
			dir = t.TempDir()
			project = mustMakeCrash(t, dir)
		}
		told := killAfter(t, dir, 1+random.IntN(200))
		acks += len(told)
		l := mustOpen(t, dir)
		inDoubt += wantTold(t, l, project, told)
		wantSound(t, l)
		must(t, l.Close())
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d kills, %d answers, %d items found in doubt, nothing lost", kills, acks, inDoubt)
}

// mustMakeCrash makes a ledger for childWrites.
func mustMakeCrash(t *testing.T, dir string) engine.ProjectID {
	t.Helper()
	l := mustOpen(t, dir)
	project, err := l.AddProject(t.Context(), engine.Project{Name: "crash"})
	must(t, err)
	_, err = l.AddMailboxes(t.Context(), project, make([]engine.Mailbox, 1))
	must(t, err)
	must(t, l.Close())
	return project
}

// killAfter lets a child write, kills it after a number of answers and returns all that it said.
func killAfter(t *testing.T, dir string, answers int) (told []string) {
	t.Helper()
	c := child(t, "write", dir)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		told = append(told, lines.Text())
		if len(told) == answers {
			must(t, c.Process.Kill())
		}
	}
	_ = c.Wait()
	if len(told) < answers {
		t.Fatalf("the child ended by itself after %d answers", len(told))
	}
	return told
}

// wantTold compares a ledger with what its killed writer had said, and returns how many items are in doubt.
func wantTold(t *testing.T, l *Ledger, project engine.ProjectID, told []string) (inDoubt int) {
	t.Helper()
	mailboxes, err := l.Mailboxes(t.Context(), project)
	must(t, err)
	folders, err := l.KeptFolders(t.Context(), mailboxes[0].ID)
	must(t, err)
	byLane, items := map[string]engine.KeptFolder{}, map[string]map[engine.UID]engine.ItemState{}
	for _, f := range folders {
		byLane[string(f.Name)] = f
		items[string(f.Name)] = house{Ledger: l}.states(t, f.ID)
		inDoubt += int(f.Items.Claimed)
	}
	last := map[string]string{} // the last word on a batch: what follows it may or may not be written
	for _, line := range told {
		var what, lane string
		var batch int
		_, err := fmt.Sscan(line, &what, &lane, &batch)
		must(t, err)
		if what == "p" {
			continue
		}
		last[fmt.Sprint(lane, " ", batch)] = what
	}
	for key, what := range last {
		lane, text, _ := strings.Cut(key, " ")
		batch, _ := strconv.Atoi(text)
		f, states := byLane[lane], items[lane]
		for _, uid := range uidsOf(batch) {
			got := states[uid]
			if got != states[uidsOf(batch)[0]] {
				t.Errorf("batch %s is half written", key)
			}
			may := map[string][]engine.ItemState{
				"c": {engine.Claimed, [...]engine.ItemState{absent, engine.ItemFailed, engine.Copied, engine.Copied}[batch%4]},
				"r": {absent}, "f": {engine.ItemFailed}, "s": {engine.Copied}, "a": {engine.Copied}}[what]
			if got != may[0] && got != may[len(may)-1] {
				t.Errorf("item %d of folder %s: told %s, found %s", uid, lane, what, got)
			}
		}
		if what == "a" && f.Watermark < engine.UID(batch*perStep)+perStep-1 {
			t.Errorf("folder %s: watermark %d is behind batch %d", lane, f.Watermark, batch)
		}
	}
	return inDoubt
}

// While one process has the ledger, another is refused; when the first is killed, the lock is gone with it.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	_, err := l.AddProject(t.Context(), engine.Project{Name: "crash"})
	must(t, err)
	start := time.Now()
	out, err := child(t, "open", dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), engine.ErrLocked.Error()) {
		t.Errorf("the second process: %v %s", err, out)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the refusal took %s", took)
	}
	must(t, l.Close())
	out, err = child(t, "open", dir).CombinedOutput()
	if err != nil {
		t.Errorf("after Close: %v %s", err, out)
	}
}

// childOpens opens the ledger and says why it does not.
func childOpens(dir string) {
	if uid, err := strconv.Atoi(os.Getenv("MWIZ_TEST_UID")); err == nil {
		fail(setuid(uid))
	}
	l, err := Open(context.Background(), dir, nil)
	if err != nil {
		var e *engine.Error
		if errors.As(err, &e) {
			fmt.Println(e.Kind, "|", e.Text)
		}
		fail(err)
	}
	fail(l.Close())
}

// A ledger or folder that this user may not write is refused with a sentence.
func TestReadOnlyLedger(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are of POSIX systems")
	}
	for what, mode := range map[string][2]os.FileMode{"folder": {0o500, 0o600}, "file": {0o700, 0o400}} {
		t.Run(what, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "mwiz") // not t.TempDir, whose parents only this user may enter
			must(t, err)
			t.Cleanup(func() { must(t, os.Chmod(dir, 0o700)); must(t, os.RemoveAll(dir)) })
			l := mustOpen(t, dir)
			must(t, l.Close())
			c := child(t, "open", dir)
			if os.Getuid() == 0 { // root may write anywhere
				const nobody = 65534
				c.Env = append(c.Env, fmt.Sprint("MWIZ_TEST_UID=", nobody))
				for _, path := range []string{dir, filepath.Join(dir, ledgerFile), filepath.Join(dir, lockFile)} {
					must(t, os.Chown(path, nobody, nobody))
				}
			}
			must(t, os.Chmod(filepath.Join(dir, ledgerFile), mode[1]))
			must(t, os.Chmod(dir, mode[0]))
			out, err := c.Output()
			if err == nil || string(out) != fmt.Sprintf("broken | the ledger in %s cannot be written\n", dir) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// longStep is a migration that takes a while.
const longStep = `CREATE TABLE next(a INTEGER, b TEXT) STRICT;
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) INSERT INTO next SELECT i, hex(randomblob(50)) FROM n;
	CREATE TABLE last(a INTEGER) STRICT;`

// childMigrates takes the embedded migrations and longStep.
func childMigrates(dir string) {
	l := &Ledger{dir: dir}
	fail(l.connect(context.Background()))
	steps, err := embeddedSteps()
	fail(err)
	fmt.Println("begin")
	fail(migrateTo(context.Background(), l.conn, step{version: len(steps) + 1, sql: longStep}))
	fmt.Println("end")
}

// A process that is killed while it migrates leaves the old schema or the new one.
func TestKilledMigration(t *testing.T) {
	steps, err := embeddedSteps()
	must(t, err)
	outcome := map[string]int{}
	for i := range 5 {
		dir := t.TempDir()
		l := mustOpen(t, dir)
		h := mustBuild(t, l)
		must(t, h.claim(t, 1, 2))
		must(t, l.Close())
		c := child(t, "migrate", dir)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		must(t, err)
		must(t, c.Start())
		lines := bufio.NewScanner(out)
		lines.Scan()
		timer := time.AfterFunc(time.Duration(i)*150*time.Millisecond, func() { _ = c.Process.Kill() })
		for lines.Scan() {
		}
		_ = c.Wait()
		timer.Stop()

		version, err := (&Ledger{dir: dir}).probe(t.Context())
		if errors.Is(err, engine.ErrNewer) {
			err = nil
		}
		must(t, err)
		if version == len(steps)+1 { // it got through: as the newer program would find it
			outcome["after"]++
			continue
		}
		outcome["before"]++
		l = mustOpen(t, dir)
		want(t, "half the new schema", strings.Contains(dump(t, l), "TABLE next"), false)
		want(t, "items", len(house{Ledger: l}.states(t, h.folder)), 2)
		wantSound(t, l)
	}
	t.Logf("killed while migrating: %v", outcome)
	if outcome["before"] == 0 {
		t.Error("no kill came in time")
	}
}

// When the disk is full, operations fail and say so; nothing is lost, and the same ledger goes on when there is room again.
func TestFullDisk(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	pages := func(n int) {
		t.Helper()
		must(t, h.writeRaw(t, fmt.Sprintf("PRAGMA max_page_count = %d", n)))
	}
	pages(1) // as many as there are
	batch, settled := 1, 0
	var err error
	for ; batch < 1000; batch++ {
		if err = h.claim(t, uidsOf(batch)...); err != nil {
			break
		}
		if err = h.settle(t, engine.ItemFailed, uidsOf(batch)...); err != nil {
			break
		}
		settled = batch
	}
	var e *engine.Error
	if !errors.As(err, &e) || e.Kind != engine.Broken || e.Text != "the disk is full" {
		t.Fatalf("after %d batches: %v", batch, err)
	}
	// Others in the same transaction fail as well; none of them hangs.
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { _ = h.claim(t, uidsOf(5000+i)...) })
	}
	wg.Wait()
	wantSound(t, h.Ledger)
	pages(1 << 30)
	must(t, h.claim(t, uidsOf(9000)...))
	must(t, h.settle(t, engine.Copied, uidsOf(9000)...))
	failed, err := h.FailedUIDs(t.Context(), h.folder, engine.NoError)
	must(t, err)
	want(t, "settled before", failed.Count() >= int64(settled*perStep), true)
	wantSound(t, h.Ledger)
}

// Damage is found when the last run was cut short, and by the full check at any time. The file is kept.
func TestDamagedLedger(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir)
	h := mustBuild(t, l)
	fill(t, l, h.folder, 5_000, 1)
	must(t, l.Close())
	whole, err := os.ReadFile(l.Path())
	must(t, err)
	cutShort(t, l)
	unclean, err := os.ReadFile(l.Path())
	must(t, err)
	garbage := []byte(strings.Repeat("garbage ", 512))
	for name, content := range map[string][]byte{
		"not a database": []byte(strings.Repeat("no ledger ", 1000)),
		"truncated":      unclean[:len(unclean)/2/4096*4096],
		"garbled page":   append(append(append([]byte{}, unclean[:len(unclean)/2/4096*4096]...), garbage...), unclean[len(unclean)/2/4096*4096+len(garbage):]...),
		"no key":         nil,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, ledgerFile)
			must(t, os.WriteFile(path, content, 0o600))
			if content == nil {
				must(t, os.WriteFile(path, whole, 0o600))
				mustExec(t, path, "DELETE FROM meta")
			}
			before, err := os.ReadFile(path)
			must(t, err)
			_, err = Open(t.Context(), dir, nil)
			wantErr(t, "Open", err, engine.ErrDamaged)
			if engine.KindOf(err) != engine.Broken {
				t.Errorf("kind of %v", err)
			}
			after, err := os.ReadFile(path)
			must(t, err)
			want(t, "kept", string(after) == string(before), true)
		})
	}

	// After an orderly end the file is trusted, until somebody looks.
	flipped := append([]byte{}, whole...)
	for at := len(flipped) / 4 / 4096 * 4096; at < len(flipped)*3/4; at += len(garbage) { // table and indexes
		copy(flipped[at:], garbage)
	}
	other := t.TempDir()
	must(t, os.WriteFile(filepath.Join(other, ledgerFile), flipped, 0o600))
	o := mustOpen(t, other)
	wantErr(t, "IntegrityCheck", o.IntegrityCheck(t.Context()), engine.ErrDamaged)
	_, err = o.KnownUIDs(t.Context(), h.folder, 0)
	if err == nil {
		_, err = o.CopiedItems(t.Context(), h.folder, 0, 1<<30)
	}
	wantErr(t, "reading over the damage", err, engine.ErrDamaged)

	// A sound one that was cut short opens.
	third := t.TempDir()
	must(t, os.WriteFile(filepath.Join(third, ledgerFile), unclean, 0o600))
	mustOpen(t, third)
}

// cutShort takes the mark of an orderly end off a closed ledger.
func cutShort(t testing.TB, l *Ledger) {
	t.Helper()
	mustExec(t, l.Path(), "UPDATE meta SET clean = 0")
}

// A failing operation spoils only itself, however many share its transaction.
func TestGroupCommitSpoilsNobody(t *testing.T) {
	h := mustBuild(t, mustOpen(t, t.TempDir()))
	hold, held := make(chan struct{}), make(chan struct{})
	go h.write(context.Background(), "hold", func(*tx) error { close(held); <-hold; return nil })
	<-held // what comes now waits, and shares the next transaction
	const n = 100
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if i%10 == 7 {
				cancel()
			}
			_, errs[i] = h.Claim(ctx, claimOf(h, engine.UID(i/2+1))) // every item twice: one of two is refused
		})
	}
	for deadline := time.Now().Add(10 * time.Second); len(h.writer.queue) < n; {
		if time.Now().After(deadline) {
			t.Fatal("the operations do not queue")
		}
		runtime.Gosched()
	}
	close(hold)
	wg.Wait()
	claimed, refused, cancelled := 0, 0, 0
	for _, err := range errs {
		switch {
		case err == nil:
			claimed++
		case errors.Is(err, context.Canceled):
			cancelled++
		case engine.KindOf(err) == engine.Broken && strings.Contains(err.Error(), "cannot be claimed"):
			refused++
		default:
			t.Error(err)
		}
	}
	want(t, "claimed, refused, cancelled", []int{claimed, refused, cancelled}, []int{50, 40, 10})
	wantSound(t, h.Ledger)
}
