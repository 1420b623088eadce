package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/zalando/go-keyring"

	"mwiz/engine"
)

const (
	// service is the name under which the keychain files everything of this program.
	service = "mwiz-desktop"
	// longestSecret is the longest secret, in bytes, that goes into the keychain itself: one limit on all systems, below each of theirs.
	longestSecret = 2000
	// Patience is how long a call waits for the keychain when the user has asked for it: time to answer its window.
	Patience = 60 * time.Second
	// Briefly is how long a call should wait where nobody is looking, as at start-up; see Within.
	Briefly = 3 * time.Second
)

// system is the operating system's keychain. Its calls cannot be cancelled and hang while a prompt is open.
type system interface {
	Get(ref string) (string, error)
	Set(ref, secret string) error
	Delete(ref string) error
}

// Keychain keeps secrets in the keychain of the operating system. It implements engine.Keychain. Every secret is an item of its own,
// named by its reference; only what does not fit (more than 2,000 bytes, or anything once the keychain is full) lies sealed in a file,
// vault.db, whose key is in the keychain. A keychain that is locked, slow or missing is not full: then calls fail.
//
// Beside the errors of engine.Keychain: one that does not answer in time is of kind Locked too.
type Keychain struct {
	within time.Duration
	*strongroom
}

// strongroom is what the copies of a Keychain share. Whoever holds the gate may use the rest.
type strongroom struct {
	gate   chan struct{} // one place: keychains do not like company, and a call that hangs must not gather others behind it
	system system
	vault  *vault
	log    *slog.Logger
}

// NewKeychain returns the keychain of this user. dir is the ledger's folder, where the overflow goes; log may be nil. Nothing is asked
// of the keychain yet.
func NewKeychain(dir string, log *slog.Logger) *Keychain { return newKeychain(goKeyring{}, dir, log) }

func newKeychain(s system, dir string, log *slog.Logger) *Keychain {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Keychain{Patience, &strongroom{gate: make(chan struct{}, 1), system: s, vault: newVault(dir), log: log}}
}

// Within returns the same keychain with another patience.
func (k *Keychain) Within(d time.Duration) *Keychain { return &Keychain{d, k.strongroom} }

// Get implements engine.Keychain.
func (k *Keychain) Get(ctx context.Context, ref engine.SecretRef) (engine.Secret, error) {
	s, err := k.call(ctx, "read a password", func() (string, error) { return k.get(string(ref)) })
	if err != nil {
		return engine.Secret{}, err
	}
	return engine.NewSecret(s), nil
}

// Set implements engine.Keychain. An empty secret is refused.
func (k *Keychain) Set(ctx context.Context, ref engine.SecretRef, s engine.Secret) error {
	if s.Empty() {
		return &engine.Error{Op: "keep a password", Kind: engine.Other, Text: "an empty password cannot be kept"}
	}
	_, err := k.call(ctx, "keep a password", func() (string, error) { return "", k.set(string(ref), s.Reveal()) })
	return err
}

// Delete implements engine.Keychain.
func (k *Keychain) Delete(ctx context.Context, ref engine.SecretRef) error {
	_, err := k.call(ctx, "delete a password", func() (string, error) { return "", k.delete(string(ref)) })
	return err
}

// Close closes the overflow. A call that still hangs is left to itself.
func (k *Keychain) Close() error {
	select {
	case k.gate <- struct{}{}:
		defer func() { <-k.gate }()
		return k.vault.close()
	case <-time.After(time.Second):
		return nil
	}
}

// answer is what a call came to.
type answer struct {
	secret string
	err    error
}

// call runs do behind the gate, in a goroutine that gives the gate back itself when do returns, however late that is.
func (k *Keychain) call(ctx context.Context, op string, do func() (string, error)) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	patience := time.NewTimer(k.within)
	defer patience.Stop()
	select {
	case k.gate <- struct{}{}:
	case <-patience.C:
		return "", noAnswer(op)
	case <-ctx.Done():
		return "", ctx.Err()
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-k.gate }()
		done <- recovered(do)
	}()
	select {
	case a := <-done:
		return a.secret, classify(op, a.err)
	case <-patience.C:
		return "", noAnswer(op)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// recovered runs do; a panic (go-keyring has one when the session bus goes away under an open prompt) becomes an error.
func recovered(do func() (string, error)) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{"", fmt.Errorf("the keychain's library failed: %T", p)} // not its value: that may hold anything
		}
	}()
	a.secret, a.err = do()
	return a
}

// get looks into the overflow first: that costs nothing while there is none. An overflow that cannot be read stops only what lies in it.
func (r *strongroom) get(ref string) (string, error) {
	sealed, keyRef, broken := r.vault.get(ref)
	if sealed == nil {
		secret, err := r.system.Get(ref)
		if broken != nil && errors.Is(err, keyring.ErrNotFound) {
			return "", broken
		}
		return secret, err
	}
	key, err := r.key(keyRef)
	if err != nil {
		return "", err
	}
	return unseal(key, ref, sealed)
}

// set keeps a secret in the keychain, or in the overflow where it does not fit there. The overflow's key is made with the first secret
// of any kind: once the keychain is full it is too late.
func (r *strongroom) set(ref, secret string) error {
	_, broken := r.ensureKey()
	if broken != nil && engine.KindOf(broken) != engine.Broken {
		return broken // by the keychain
	}
	if len(secret) <= longestSecret {
		switch err := r.keep(ref, secret); {
		case err == nil && broken == nil:
			return r.vault.delete(ref)
		case err == nil:
			r.log.Warn("the sealed overflow cannot be used", "error", broken)
			return nil
		case !full(err) && !errors.Is(err, keyring.ErrSetDataTooBig):
			return err
		}
		r.log.Warn("the keychain is full: a secret goes into the sealed overflow")
	}
	return r.seal(ref, secret)
}

// keep puts a secret into the keychain and reads it back, for some answer "done" when the user has dismissed their prompt.
func (r *strongroom) keep(ref, secret string) error {
	if err := r.system.Set(ref, secret); err != nil {
		return err
	}
	got, err := r.system.Get(ref)
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return errNotKept
	case err != nil:
		return err
	case got != secret:
		_ = r.system.Delete(ref)
		return errChanged
	}
	return nil
}

// delete removes a secret wherever it lies.
func (r *strongroom) delete(ref string) error {
	sealed, _, broken := r.vault.get(ref)
	if err := r.system.Delete(ref); err != nil && (sealed == nil || !errors.Is(err, keyring.ErrNotFound)) {
		return errors.Join(err, broken)
	}
	return r.vault.delete(ref)
}

// goKeyring is the keychain of the operating system.
type goKeyring struct{}

func (goKeyring) Get(ref string) (string, error) {
	if err := reachable(); err != nil {
		return "", err
	}
	return keyring.Get(service, ref)
}

func (goKeyring) Set(ref, secret string) error {
	if err := reachable(); err != nil {
		return err
	}
	return keyring.Set(service, ref, secret)
}

func (goKeyring) Delete(ref string) error {
	if err := reachable(); err != nil {
		return err
	}
	return keyring.Delete(service, ref)
}
