package store

import (
	"context"
	"sync"

	"mwiz/engine"
)

// MemoryKeychain keeps secrets until the program closes: for the sandbox, for a run with passwords that are not to be kept, and for tests.
// It implements engine.Keychain.
type MemoryKeychain struct {
	mu      sync.Mutex
	secrets map[engine.SecretRef]engine.Secret
}

// NewMemoryKeychain returns an empty one.
func NewMemoryKeychain() *MemoryKeychain {
	return &MemoryKeychain{secrets: map[engine.SecretRef]engine.Secret{}}
}

// Get implements engine.Keychain.
func (k *MemoryKeychain) Get(ctx context.Context, ref engine.SecretRef) (engine.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, there := k.secrets[ref]
	if !there {
		return engine.Secret{}, engine.ErrNoSecret
	}
	return s, ctx.Err()
}

// Set implements engine.Keychain.
func (k *MemoryKeychain) Set(ctx context.Context, ref engine.SecretRef, s engine.Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.secrets[ref] = s
	return ctx.Err()
}

// Delete implements engine.Keychain.
func (k *MemoryKeychain) Delete(ctx context.Context, ref engine.SecretRef) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.secrets[ref]; !there {
		return engine.ErrNoSecret
	}
	delete(k.secrets, ref)
	return ctx.Err()
}
