package store

import (
	"fmt"
	"path/filepath"
	"strings"

	"mwiz/engine"
)

// suitable reports why a folder cannot hold a ledger: on a network drive two programs may both believe that they own it, and SQLite's WAL
// needs memory that they share; a service that synchronises the folder copies a ledger that is being written, and brings older ones back.
func suitable(dir string) error {
	text := ""
	if service := synchronised(dir); service != "" {
		text = fmt.Sprintf("%s lies in a folder that %s synchronises", dir, service)
	} else if kind, err := networkKind(dir); err == nil && kind != "" {
		text = fmt.Sprintf("%s lies on a network drive (%s)", dir, kind)
	}
	if text == "" {
		return nil
	}
	return &engine.Error{Op: "open the ledger", Kind: engine.Broken, Text: text, Err: engine.ErrUnsuitable}
}

// synchronised returns the service that synchronises a folder, as far as its path tells, else "".
func synchronised(dir string) string {
	parts := strings.FieldsFunc(strings.ToLower(filepath.ToSlash(dir)), func(r rune) bool { return r == '/' })
	for _, part := range parts {
		for _, s := range []struct{ begin, name string }{
			{"onedrive", "OneDrive"}, {"dropbox", "Dropbox"}, {"google drive", "Google Drive"}, {"googledrive-", "Google Drive"},
			{"icloud drive", "iCloud"}, {"iclouddrive", "iCloud"}, {"com~apple~clouddocs", "iCloud"}, {"nextcloud", "Nextcloud"}, {"owncloud", "ownCloud"},
		} {
			if strings.HasPrefix(part, s.begin) {
				return s.name
			}
		}
	}
	return ""
}
