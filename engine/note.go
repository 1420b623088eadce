package engine

import (
	"slices"
	"strings"
)

// Note is something about a pass that its user should know and that is no error.
type Note struct {
	What   NoteKind `json:"what"`
	Folder string   `json:"folder,omitempty"` // display name at the source
	Count  int64    `json:"count"`            // of messages
	Text   string   `json:"text,omitempty"`   // flags, by commas; or a host
}

// NoteKind says what a note is about.
type NoteKind string

// The notes.
const (
	NoteShown     NoteKind = "shown"      // the folder has just so many messages as its service shows at most; Text is the host that shows more, if there is one
	NoteFlags     NoteKind = "flags"      // the destination takes flags of so many messages not
	NoteFlagsLost NoteKind = "flags lost" // the destination has taken flags and not kept them, on so many of the copies that were read back
)

// note keeps a note; of one kind and folder there is one, which counts all.
func (p *activePass) note(n Note) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.notes, func(o Note) bool { return o.What == n.What && o.Folder == n.Folder })
	if i < 0 {
		p.notes = append(p.notes, n)
		p.log.Info("note", "what", string(n.What), "text", n.Text)
		return
	}
	was := &p.notes[i]
	was.Count += n.Count
	const most = 8
	for flag := range strings.SplitSeq(n.Text, ", ") {
		if have := strings.Split(was.Text, ", "); flag != "" && len(have) < most && !slices.Contains(have, flag) {
			was.Text += ", " + flag
		}
	}
}

// noteShown notes the folders of which the service may hide the rest.
func (p *activePass) noteShown() {
	source := p.e.provider(p.project.Source)
	for _, f := range p.folders {
		if n := f.source.Status.Messages; !f.why.LeavesOut() && slices.Contains(source.Shows, n) {
			p.note(Note{NoteShown, f.source.Display, n, source.Export})
		}
	}
}
