package store

import (
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/zalando/go-keyring"
	"golang.org/x/crypto/chacha20poly1305"

	"mwiz/engine"
)

// vaultFile lies beside the ledger, so that no copy of the ledger holds a secret.
const vaultFile = "vault.db"

const vaultSchema = `
CREATE TABLE IF NOT EXISTS key( -- keys lie in the keychain; the newest one seals
  ref    TEXT PRIMARY KEY,
  made   INTEGER NOT NULL CHECK(made IN (0, 1))       -- 0: the keychain may not have it yet, nothing is sealed with it
) STRICT;
CREATE TABLE IF NOT EXISTS secret( -- what the keychain does not take
  ref    TEXT PRIMARY KEY,
  key    TEXT NOT NULL REFERENCES key(ref),
  sealed BLOB NOT NULL                                -- XChaCha20-Poly1305: nonce, ciphertext; bound to ref
) WITHOUT ROWID, STRICT;
PRAGMA user_version = 1;`

// vault is the file of sealed secrets. It is opened when it is needed first. Its methods are for whoever holds the keychain's gate.
type vault struct {
	dir  string
	db   *sql.DB
	keys map[string][]byte // keys read from the keychain, so that one that locks at night stops nothing
}

func newVault(dir string) *vault { return &vault{dir: dir, keys: map[string][]byte{}} }

// open opens the file, and makes it if create; without it v.db may stay nil.
func (v *vault) open(create bool) error {
	if v.db != nil {
		return nil
	}
	path, err := filepath.Abs(filepath.Join(v.dir, vaultFile))
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !create {
		return nil
	}
	if err := os.MkdirAll(v.dir, 0o700); err != nil {
		return v.broken(err)
	}
	if err := createPrivate(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return v.broken(err)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: slashed(path)}).EscapedPath()+
		"?_busy_timeout=5000&_journal_mode=DELETE&_synchronous=FULL&_foreign_keys=1&_defensive=1&_pragma=trusted_schema(0)&_pragma=secure_delete(1)&_pragma=fullfsync(1)&_pragma=temp_store(2)")
	if err != nil {
		return v.broken(err)
	}
	db.SetMaxOpenConns(1)
	if err := v.prepare(db); err != nil {
		return v.broken(errors.Join(err, db.Close()))
	}
	v.db = db
	return nil
}

// prepare makes the tables where they are missing.
func (v *vault) prepare(db *sql.DB) error {
	var version int
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	switch {
	case version > 1:
		return errors.New("it was made by a newer version")
	case version == 1:
		return nil
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.Exec(vaultSchema); err != nil {
		return err
	}
	return tx.Commit()
}

// broken says that the file cannot be used.
func (v *vault) broken(err error) error {
	if err == nil {
		return nil
	}
	return &engine.Error{Op: "open the sealed passwords", Kind: engine.Broken, Text: fmt.Sprintf("%s in %s cannot be used", vaultFile, v.dir), Err: err}
}

func (v *vault) close() error {
	if v.db == nil {
		return nil
	}
	db := v.db
	v.db = nil
	return db.Close()
}

// get returns what is sealed under ref and the key that seals it; nil where nothing is.
func (v *vault) get(ref string) (sealed []byte, key string, err error) {
	if err := v.open(false); err != nil || v.db == nil {
		return nil, "", err
	}
	err = v.db.QueryRow("SELECT sealed, key FROM secret WHERE ref = ?", ref).Scan(&sealed, &key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", nil
	}
	return sealed, key, v.broken(err)
}

func (v *vault) set(ref, key string, sealed []byte) error {
	_, err := v.db.Exec("INSERT OR REPLACE INTO secret(ref, key, sealed) VALUES(?, ?, ?)", ref, key, sealed)
	return v.broken(err)
}

func (v *vault) delete(ref string) error {
	if err := v.open(false); err != nil || v.db == nil {
		return err
	}
	_, err := v.db.Exec("DELETE FROM secret WHERE ref = ?", ref)
	return v.broken(err)
}

// newest returns the reference of the key that seals, "" without one, and whether the keychain has it.
func (v *vault) newest() (ref string, made bool, err error) {
	err = v.db.QueryRow("SELECT ref, made FROM key ORDER BY rowid DESC LIMIT 1").Scan(&ref, &made)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return ref, made, v.broken(err)
}

// announce notes a new key before the keychain gets it.
func (v *vault) announce() (ref string, err error) {
	var random [8]byte
	_, _ = rand.Read(random[:])
	ref = "vault-" + hex.EncodeToString(random[:])
	_, err = v.db.Exec("INSERT INTO key(ref, made) VALUES(?, 0)", ref)
	return ref, v.broken(err)
}

// confirm notes that the keychain has the key.
func (v *vault) confirm(ref string) error {
	_, err := v.db.Exec("UPDATE key SET made = 1 WHERE ref = ?", ref)
	return v.broken(err)
}

// ensureKey returns the reference of the key that seals, and makes the key where there is none.
func (r *strongroom) ensureKey() (ref string, err error) {
	if err := r.vault.open(true); err != nil {
		return "", err
	}
	ref, made, err := r.vault.newest()
	if err != nil || made {
		return ref, err
	}
	if ref == "" {
		if ref, err = r.vault.announce(); err != nil {
			return "", err
		}
	}
	key := make([]byte, chacha20poly1305.KeySize)
	_, _ = rand.Read(key)
	if err := r.keep(ref, base64.StdEncoding.EncodeToString(key)); err != nil {
		return "", err
	}
	r.vault.keys[ref] = key
	return ref, r.vault.confirm(ref)
}

// key returns a key from the keychain. A key that is gone takes what it sealed with it: engine.ErrNoSecret.
func (r *strongroom) key(ref string) ([]byte, error) {
	if key := r.vault.keys[ref]; key != nil {
		return key, nil
	}
	text, err := r.system.Get(ref)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != chacha20poly1305.KeySize {
		return nil, fmt.Errorf("%w: the key of %s is not one", engine.ErrNoSecret, vaultFile)
	}
	r.vault.keys[ref] = key
	return key, nil
}

// seal keeps a secret in the overflow. Where the keychain has lost the key, a new one seals from now on; what the old one sealed stays, in
// case it comes back.
func (r *strongroom) seal(ref, secret string) error {
	keyRef, err := r.ensureKey()
	if err != nil {
		return err
	}
	key, err := r.key(keyRef)
	if errors.Is(err, keyring.ErrNotFound) || errors.Is(err, engine.ErrNoSecret) {
		if _, err := r.vault.announce(); err != nil {
			return err
		}
		if keyRef, err = r.ensureKey(); err != nil {
			return err
		}
		key, err = r.key(keyRef)
	}
	if err != nil {
		return err
	}
	sealed, err := seal(key, ref, secret)
	if err != nil {
		return err
	}
	return r.vault.set(ref, keyRef, sealed)
}

// bound is what a sealed secret is bound to: a record that was moved to another reference does not open.
func bound(ref string) []byte { return []byte("mwiz/secret/v1\x00" + ref) }

// seal returns secret sealed for ref.
func seal(key []byte, ref, secret string) ([]byte, error) {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(secret)+a.Overhead())
	_, _ = rand.Read(nonce) // 24 random bytes: no counter to lose
	return a.Seal(nonce, nonce, []byte(secret), bound(ref)), nil
}

// unseal is the reverse of seal.
func unseal(key []byte, ref string, sealed []byte) (string, error) {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		return "", err
	}
	if len(sealed) < a.NonceSize() {
		return "", fmt.Errorf("%w: what is sealed is cut short", engine.ErrNoSecret)
	}
	secret, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], bound(ref))
	if err != nil {
		return "", fmt.Errorf("%w: what is sealed does not open", engine.ErrNoSecret)
	}
	return string(secret), nil
}
