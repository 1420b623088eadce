package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"

	"mwiz/engine"
)

var (
	_ engine.Keychain = (*Keychain)(nil)
	_ engine.Keychain = (*MemoryKeychain)(nil)
)

// errFull is a keychain without room as the Windows one says it; on other systems no keychain is ever full.
var errFull = keyring.ErrSetDataTooBig

// fakeKeyring is an operating system's keychain with its troubles.
type fakeKeyring struct {
	mu      sync.Mutex
	items   map[string]string
	trouble error         // of every call
	room    int           // items it takes; 0: any number
	deaf    bool          // Set keeps nothing and says nothing
	short   int           // longest secret that it keeps whole; 0: any
	hang    chan struct{} // calls wait for it
	calls   int
}

func (f *fakeKeyring) enter() (func(), error) {
	if f.hang != nil {
		<-f.hang
	}
	f.mu.Lock()
	f.calls++
	return f.mu.Unlock, f.trouble
}

func (f *fakeKeyring) Get(ref string) (string, error) {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return "", err
	}
	s, there := f.items[ref]
	if !there {
		return "", keyring.ErrNotFound
	}
	return s, nil
}

func (f *fakeKeyring) Set(ref, secret string) error {
	leave, err := f.enter()
	defer leave()
	switch {
	case err != nil:
		return err
	case f.room > 0 && len(f.items) >= f.room:
		return errFull
	case f.deaf:
		return nil
	case f.short > 0:
		secret = secret[:min(len(secret), f.short)]
	}
	if f.items == nil {
		f.items = map[string]string{}
	}
	f.items[ref] = secret
	return nil
}

func (f *fakeKeyring) Delete(ref string) error {
	leave, err := f.enter()
	defer leave()
	if err != nil {
		return err
	}
	if _, there := f.items[ref]; !there {
		return keyring.ErrNotFound
	}
	delete(f.items, ref)
	return nil
}

func mustKeychain(t testing.TB, s system, dir string) *Keychain {
	k := newKeychain(s, dir, nil)
	t.Cleanup(func() { must(t, k.Close()) })
	return k
}

// wantSecret reads a secret back.
func wantSecret(t testing.TB, k engine.Keychain, ref engine.SecretRef, secret string) {
	t.Helper()
	s, err := k.Get(context.Background(), ref)
	must(t, err)
	if s.Reveal() != secret {
		t.Errorf("%s: got %d bytes, want %d", ref, len(s.Reveal()), len(secret))
	}
}

// TestKeychains is what every keychain does.
func TestKeychains(t *testing.T) {
	for name, k := range map[string]engine.Keychain{
		"system": mustKeychain(t, &fakeKeyring{}, t.TempDir()),
		"full":   mustKeychain(t, &fakeKeyring{room: 1}, t.TempDir()), // the overflow's key, and nothing else
		"memory": NewMemoryKeychain(),
	} {
		t.Run(name, func(t *testing.T) { keepAndForget(t, k) })
	}
}

func keepAndForget(t *testing.T, k engine.Keychain) {
	secrets := map[engine.SecretRef]string{
		"k-a": "pässwörd '\"\\ $(x) \n\t", "k-b": strings.Repeat("b", longestSecret), "k-c": strings.Repeat("ü", longestSecret), "k-d": "\x01\x02",
	}
	for ref, s := range secrets {
		must(t, k.Set(t.Context(), ref, engine.NewSecret("old "+s)))
		must(t, k.Set(t.Context(), ref, engine.NewSecret(s)))
	}
	for ref, s := range secrets {
		wantSecret(t, k, ref, s)
	}
	must(t, k.Set(t.Context(), "k-c", engine.NewSecret("short now")))
	wantSecret(t, k, "k-c", "short now")
	for ref := range secrets {
		must(t, k.Delete(t.Context(), ref))
		_, err := k.Get(t.Context(), ref)
		wantErr(t, "Get of a deleted one", err, engine.ErrNoSecret)
		wantErr(t, "Delete of a deleted one", k.Delete(t.Context(), ref), engine.ErrNoSecret)
	}
}

func TestOverflow(t *testing.T) {
	f, dir := &fakeKeyring{}, t.TempDir()
	var heard bytes.Buffer
	k := newKeychain(f, dir, slog.New(slog.NewTextHandler(&heard, nil)))
	long := strings.Repeat("CANARY", 1000)
	must(t, k.Set(t.Context(), "k-1", engine.NewSecret("CANARY short")))
	want(t, "items: the secret and the overflow's key", len(f.items), 2)
	must(t, k.Set(t.Context(), "k-2", engine.NewSecret(long)))
	want(t, "items", len(f.items), 2)
	f.room = 2
	must(t, k.Set(t.Context(), "k-3", engine.NewSecret("CANARY full")))
	want(t, "items", len(f.items), 2)
	must(t, k.Close())

	// Another run.
	k = mustKeychain(t, f, dir)
	wantSecret(t, k, "k-1", "CANARY short")
	wantSecret(t, k, "k-2", long)
	wantSecret(t, k, "k-3", "CANARY full")

	// Nothing in the file or the log shows a secret; the file is private.
	path := filepath.Join(dir, vaultFile)
	content, err := os.ReadFile(path)
	must(t, err)
	if bytes.Contains(content, []byte("CANARY")) || strings.Contains(heard.String(), "CANARY") {
		t.Error("a secret shows")
	}
	if info, err := os.Stat(path); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("mode: %v %v", info.Mode(), err)
	}

	// A record moved to another reference does not open.
	_, err = k.vault.db.Exec("UPDATE secret SET ref = 'k-9' WHERE ref = 'k-3'")
	must(t, err)
	_, err = k.Get(t.Context(), "k-9")
	wantErr(t, "moved", err, engine.ErrNoSecret)

	// The key is gone: what it sealed is too, new secrets are kept under a new one, and the old one may come back.
	var keyRef, key string
	for ref, s := range f.items {
		if strings.HasPrefix(ref, "vault-") {
			keyRef, key = ref, s
		}
	}
	delete(f.items, keyRef)
	must(t, k.Close())
	k = mustKeychain(t, f, dir)
	_, err = k.Get(t.Context(), "k-2")
	wantErr(t, "without its key", err, engine.ErrNoSecret)
	must(t, k.Set(t.Context(), "k-4", engine.NewSecret(long)))
	wantSecret(t, k, "k-4", long)
	f.room = 0
	f.items[keyRef] = key
	wantSecret(t, k, "k-2", long)
	wantSecret(t, k, "k-4", long)
}

func TestBrokenOverflowStopsOnlyWhatLiesInIt(t *testing.T) {
	f, dir := &fakeKeyring{}, t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, vaultFile), []byte(strings.Repeat("not a database", 100)), 0o600))
	k := mustKeychain(t, f, dir)
	must(t, k.Set(t.Context(), "k-1", engine.NewSecret("short")))
	wantSecret(t, k, "k-1", "short")
	if err := k.Set(t.Context(), "k-2", engine.NewSecret(strings.Repeat("x", 3000))); engine.KindOf(err) != engine.Broken {
		t.Errorf("a long one: %v", err)
	}
	if _, err := k.Get(t.Context(), "k-2"); engine.KindOf(err) != engine.Broken {
		t.Errorf("a missing one: %v", err)
	}
}

// A key that was announced but never reached the keychain, as after a crash, is made with the next secret.
func TestAnnouncedKeyIsMadeLater(t *testing.T) {
	f, dir := &fakeKeyring{trouble: errors.New("failed to unlock correct collection 'x'")}, t.TempDir()
	k := mustKeychain(t, f, dir)
	if err := k.Set(t.Context(), "k-1", engine.NewSecret("s")); engine.KindOf(err) != engine.Locked {
		t.Errorf("got %v", err)
	}
	f.trouble = nil
	must(t, k.Set(t.Context(), "k-2", engine.NewSecret(strings.Repeat("x", 3000))))
	var keys int
	must(t, k.vault.db.QueryRow("SELECT count(*) FROM key").Scan(&keys))
	want(t, "keys", keys, 1)
}

func TestKeychainInTrouble(t *testing.T) {
	for name, f := range map[string]*fakeKeyring{
		"dismissed": {deaf: true},
		"short":     {short: 5},
		"locked":    {trouble: errors.New("failed to unlock correct collection '/x'")},
		"unknown":   {trouble: errors.New("something new")},
	} {
		t.Run(name, func(t *testing.T) {
			err := mustKeychain(t, f, t.TempDir()).Set(t.Context(), "k-1", engine.NewSecret("CANARY password"))
			if engine.KindOf(err) != engine.Locked || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("got %v", err)
			}
			want(t, "items left behind", len(f.items), 0)
		})
	}
	missing := mustKeychain(t, &fakeKeyring{trouble: keyring.ErrUnsupportedPlatform}, t.TempDir())
	wantErr(t, "Set", missing.Set(t.Context(), "k-1", engine.NewSecret("s")), engine.ErrNoKeychain)
	_, err := missing.Get(t.Context(), "k-1")
	wantErr(t, "Get", err, engine.ErrNoKeychain)
	wantErr(t, "Delete", missing.Delete(t.Context(), "k-1"), engine.ErrNoKeychain)
	if err := mustKeychain(t, &fakeKeyring{}, t.TempDir()).Set(t.Context(), "k-1", engine.Secret{}); err == nil {
		t.Error("an empty secret was kept")
	}
}

func TestPanicOfTheLibraryIsAnError(t *testing.T) {
	k := mustKeychain(t, nil, t.TempDir()) // a nil interface: every call panics
	for range 2 {
		if _, err := k.Get(t.Context(), "k-1"); engine.KindOf(err) != engine.Locked {
			t.Errorf("got %v", err)
		}
	}
}

// A keychain that hangs gets one call, keeps the callers no longer than their patience, and works again when it wakes.
func TestHangingKeychain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeKeyring{hang: make(chan struct{}), items: map[string]string{"k-1": "s"}}
		k := newKeychain(f, t.TempDir(), nil)
		for _, patience := range []time.Duration{Patience, Briefly} {
			start := time.Now()
			_, err := k.Within(patience).Get(t.Context(), "k-1")
			if engine.KindOf(err) != engine.Locked {
				t.Errorf("got %v", err)
			}
			want(t, "waited", time.Since(start), patience)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := k.Get(ctx, "k-1")
		wantErr(t, "with a shorter ctx", err, context.DeadlineExceeded)
		want(t, "calls that reached it", f.calls, 0)
		close(f.hang)
		synctest.Wait()
		want(t, "calls that reached it", f.calls, 1)
		s, err := k.Get(t.Context(), "k-1")
		must(t, err)
		want(t, "awake", s.Reveal(), "s")
		must(t, k.Close())
	})
}

func TestClassify(t *testing.T) {
	exit := func(code int) error {
		err := exec.Command("sh", "-c", fmt.Sprint("exit ", code)).Run()
		if err == nil || errors.Is(err, exec.ErrNotFound) {
			t.Skip("no shell here")
		}
		return err
	}
	for _, c := range []struct {
		goos string
		err  error
		is   error
		text string // of kind Locked
	}{
		{"linux", keyring.ErrNotFound, engine.ErrNoSecret, ""},
		{"linux", keyring.ErrUnsupportedPlatform, engine.ErrNoKeychain, ""},
		{"linux", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, engine.ErrNoKeychain, ""},
		{"linux", errors.New("dbus: couldn't determine address of session bus"), engine.ErrNoKeychain, ""},
		{"linux", errors.New("failed to unlock correct collection '/x'"), nil, "the keychain is locked"},
		{"linux", windowsFull, nil, windowsFull.Error()}, // errno 8 is another thing here
		{"windows", fmt.Errorf("write: %w", windowsFull), nil, "the keychain is full"},
		{"windows", windowsNoSession, engine.ErrNoKeychain, ""},
		{"darwin", exit(36), nil, "the keychain is locked"},
		{"darwin", exit(51), nil, "the keychain is locked"},
		{"darwin", exit(128), nil, "the keychain is locked"},
		{"darwin", exit(37), engine.ErrNoKeychain, ""},
		{"darwin", exit(1), nil, "exit status 1"},
		{"darwin", exec.ErrNotFound, engine.ErrNoKeychain, ""},
		{"linux", errNotKept, nil, errNotKept.Error()},
	} {
		got := classifyOn(c.goos, "op", c.err)
		if c.is != nil {
			wantErr(t, c.err.Error(), got, c.is)
			continue
		}
		var e *engine.Error
		if !errors.As(got, &e) || e.Kind != engine.Locked || e.Text != c.text {
			t.Errorf("%s: got %v, want locked: %s", c.err, got, c.text)
		}
	}
	want(t, "full", fullOn("windows", windowsFull), true)
	want(t, "nil", classifyOn("linux", "op", nil), nil)
}

// Without a session bus there is no keychain, at once, and nothing is started.
func TestNoSessionBus(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is always a keychain on " + runtime.GOOS)
	}
	if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err == nil {
		t.Skip("this user has a session bus")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	k := NewKeychain(t.TempDir(), nil)
	defer k.Close()
	_, err := k.Get(t.Context(), "k-1")
	wantErr(t, "Get", err, engine.ErrNoKeychain)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	_, err = k.Get(t.Context(), "k-1")
	wantErr(t, "Get with a dead address", err, engine.ErrNoKeychain)
}

// TestSecretThatGrows: a token that is replaced by a longer one moves into the overflow, and back; it is one secret all the time.
func TestSecretThatGrows(t *testing.T) {
	f := &fakeKeyring{}
	k := mustKeychain(t, f, t.TempDir())
	for _, length := range []int{100, 1900, 2500, 3500, 1500, 2500} {
		secret := strings.Repeat("x", length)
		must(t, k.Set(t.Context(), "k-1", engine.NewSecret(secret)))
		wantSecret(t, k, "k-1", secret)
	}
	must(t, k.Delete(t.Context(), "k-1"))
	_, err := k.Get(t.Context(), "k-1")
	wantErr(t, "deleted", err, engine.ErrNoSecret)
	want(t, "items: the overflow's key", len(f.items), 1)
}
