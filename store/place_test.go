package store

import (
	"path/filepath"
	"strings"
	"testing"

	"mwiz/engine"
)

func TestSynchronisedFolders(t *testing.T) {
	for dir, service := range map[string]string{
		`/home/ann/.local/share/mwiz-desktop`:                                   "",
		`/Users/ann/Library/Application Support/mwiz-desktop`:                   "",
		`/home/ann/boxes of Dropbox/mwiz`:                                       "",
		`/home/ann/Dropbox/mwiz`:                                                "Dropbox",
		`/home/ann/Dropbox (Acme)/mwiz`:                                         "Dropbox",
		`C:/Users/ann/OneDrive - Acme GmbH/mwiz`:                                "OneDrive",
		`/Users/ann/Library/CloudStorage/GoogleDrive-ann@acme.example/My Drive`: "Google Drive",
		`/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/mwiz`:          "iCloud",
	} {
		want(t, dir, synchronised(dir), service)
	}
}

func TestUnsuitableFolderIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Nextcloud", "mwiz")
	_, err := Open(t.Context(), dir, nil)
	wantErr(t, "open", err, engine.ErrUnsuitable)
	if !strings.Contains(err.Error(), "Nextcloud synchronises") {
		t.Errorf("said %q", err)
	}
	kind, err := networkKind(t.TempDir())
	must(t, err)
	want(t, "a local folder's kind", kind, "")
}
