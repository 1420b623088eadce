package wording

import (
	"fmt"
	"strings"
	"unicode"

	"mwiz/engine"
)

// FileName returns what to call the file that a message is saved in, without ".eml": mailbox, folder and UID, in characters that every system
// takes and none takes for a path. Two folders may give the same name.
func FileName(f engine.FailureRow) string {
	return fmt.Sprintf("%s-%s-%d", filePart(f.Source), filePart(f.Folder), f.UID)
}

// filePart turns a foreign text into part of a file's name: letters, digits and a few signs that mean nothing, at most 60 bytes.
func filePart(s string) string {
	const most = 60
	var b strings.Builder
	for _, r := range s {
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !strings.ContainsRune("@+=_.-", r) {
			r = '_'
		}
		if b.Len()+len(string(r)) > most {
			break
		}
		b.WriteRune(r)
	}
	if clean := strings.Trim(b.String(), "._-"); clean != "" {
		return clean
	}
	return "_"
}
