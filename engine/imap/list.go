package imap

import (
	"context"
	"errors"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// maxFolders bounds a listing, against a server that never ends it.
const maxFolders = 100_000

// maxNames bounds what the names of a listing take, in bytes.
const maxNames = 16 << 20

var errEndless = &wire.ProtocolError{Err: errors.New("a list of folders without end")}

// lister gathers a listing.
type lister struct {
	s        *session
	listing  engine.Listing
	at       map[engine.FolderName]int // index in listing.Folders
	statuses map[engine.FolderName]engine.FolderStatus
	stray    *engine.FolderStatus // of a STATUS response that names no folder we know
	separate bool                 // a separator has been seen
	names    int                  // bytes of names so far
	flags    *permanentFlags
	first    int  // number of the LIST command
	selectAt int  // number of the SELECT command
	learns   bool // what flags INBOX keeps is asked too: a server opens it for that, which takes longer than the listing where it is large
	plain    bool // the server takes no options with LIST, whatever it says
}

// List returns every folder of the personal namespace. It implements engine.Session. One round trip where the server
// answers LIST with the folders' status (RFC 5819), two elsewhere.
func (s *session) List(ctx context.Context, much bool) (engine.Listing, error) {
	l, err := s.list(ctx, much)
	if err == nil {
		err = s.openUnnumbered(ctx, l.Folders)
	}
	return l, err
}

func (s *session) list(ctx context.Context, much bool) (engine.Listing, error) {
	const op = "list folders"
	x, done := s.begin(ctx, wire.List|wire.Counts|wire.Select)
	defer done()
	l := newLister(s)
	l.learns = much && s.side == engine.Destination && !s.knowsFlags()
	library := s.askLibrary(ctx)
	refusal, listErr := l.ask(x)
	if listErr != nil {
		_ = s.conn.Close() // or the library would wait for ever
	}
	x.Close() // what comes from now on is not for us
	space := library.wait(s)
	switch {
	case listErr != nil:
		return engine.Listing{}, s.fail(ctx, op, listErr)
	case refusal.Type != "":
		return engine.Listing{}, s.refuse(op, refusal)
	}
	l.finish(space)
	if err := l.askStatus(ctx); err != nil {
		return engine.Listing{}, s.fail(ctx, op, err)
	}
	return l.listing, nil
}

func newLister(s *session) *lister {
	return &lister{s: s, at: map[engine.FolderName]int{}, statuses: map[engine.FolderName]engine.FolderStatus{}}
}

// ask sends the commands of a listing and takes their answers.
func (l *lister) ask(x *wire.Exchange) (refusal wire.Status, err error) {
	if err := l.send(x); err != nil {
		return refusal, err
	}
	refusal, err = l.receive(x)
	if err == nil && refusal.Type == "BAD" && !l.plain {
		l.plain = true
		if err = l.send(x); err == nil {
			refusal, err = l.receive(x)
		}
	}
	return refusal, err
}

// send writes the commands of a listing, LIST first.
func (l *lister) send(x *wire.Exchange) error {
	s := l.s
	l.first = x.Sent()
	commands := []string{l.listCommand()}
	if l.plain || !s.has("LIST-EXTENDED") {
		commands = append(commands, `LSUB "" "*"`)
	}
	l.selectAt = x.Sent() + len(commands)
	if l.learns {
		commands = append(commands, `SELECT "INBOX"`, `EXAMINE "INBOX"`) // EXAMINE often tells no PERMANENTFLAGS
		s.examined = nil
		l.flags = &permanentFlags{}
	}
	for _, c := range commands {
		if err := x.Send(wire.Text(c)); err != nil {
			return err
		}
	}
	return x.Flush()
}

// listCommand returns the LIST command that tells most.
func (l *lister) listCommand() string {
	s := l.s
	if l.plain {
		return `LIST "" "*"`
	}
	var options []string
	if s.has("LIST-EXTENDED") {
		options = append(options, "SUBSCRIBED")
		if s.has("SPECIAL-USE") {
			options = append(options, "SPECIAL-USE")
		}
	}
	if s.has("LIST-STATUS") {
		options = append(options, "STATUS ("+s.statusItems()+")")
	}
	switch {
	case len(options) > 0:
		return `LIST "" "*" RETURN (` + strings.Join(options, " ") + ")"
	case s.has("XLIST") && !s.has("SPECIAL-USE"):
		return `XLIST "" "*"`
	}
	return `LIST "" "*"`
}

func (s *session) statusItems() string {
	items := "MESSAGES UIDNEXT UIDVALIDITY"
	if s.side == engine.Source && s.has("STATUS=SIZE") { // of a destination nobody asks how large it is, and a server may have to add it up
		items += " SIZE"
	}
	if s.side == engine.Destination && s.has("APPENDLIMIT") { // without a value: each folder has its own (RFC 7889)
		items += " APPENDLIMIT"
	}
	return items
}

// receive takes the answers to what send has sent.
func (l *lister) receive(x *wire.Exchange) (refusal wire.Status, err error) {
	selected := false
	for x.Open() > 0 {
		r, end, err := x.Next()
		switch {
		case err != nil:
			return refusal, err
		case r == nil:
			if end.Command == l.first && !end.Status.OK() {
				refusal = end.Status
			}
			selected = selected || end.Command == l.selectAt
		case r.Kind == wire.List:
			if l.folder(r); l.endless() {
				return refusal, errEndless
			}
		case r.Kind == wire.Counts:
			if l.status(r); l.endless() {
				return refusal, errEndless
			}
		case r.Kind == wire.Select && l.flags != nil && !selected:
			l.flags.read(r)
		}
	}
	if l.flags != nil {
		l.s.keepFlags(*l.flags)
	}
	return refusal, nil
}

func (l *lister) endless() bool {
	return len(l.at) > maxFolders || len(l.statuses) > maxFolders || l.names > maxNames
}

// key is the name under which a folder is looked up: INBOX may be written in any case.
func key(name engine.FolderName) engine.FolderName {
	if strings.EqualFold(string(name), inbox) {
		return inbox
	}
	return name
}

// folder takes a LIST, LSUB or XLIST response: (attributes) separator name.
func (l *lister) folder(r *wire.Response) {
	attributes := readAttributes(r)
	sep := ""
	if separator, ok := r.String(); ok {
		sep = string(separator)
	}
	raw, ok := r.RestString()
	if !ok || r.Err() != nil || len(raw) == 0 {
		return
	}
	name := engine.FolderName(raw)
	l.names += len(name)
	if r.Name == "LSUB" {
		if i, ok := l.at[key(name)]; ok && !slices.Contains(attributes, `\noselect`) {
			l.listing.Folders[i].Subscribed = true
		}
		return
	}
	if sep != "" && !l.separate {
		l.listing.Separator, l.separate = sep[:1], true
	}
	if i, ok := l.at[key(name)]; ok {
		l.mark(&l.listing.Folders[i], attributes)
		return
	}
	r.Asked()
	l.at[key(name)] = len(l.listing.Folders)
	f := engine.Folder{Name: name, Selectable: true}
	l.mark(&f, attributes)
	l.listing.Folders = append(l.listing.Folders, f)
}

// maxAttributes bounds a folder's attributes, and the length of each.
const maxAttributes = 100

// readAttributes reads the list of a folder's attributes, in lower case.
func readAttributes(r *wire.Response) (attributes []string) {
	if !r.Open() {
		r.Skip() // NIL
		return nil
	}
	for r.More() {
		a := r.Atom()
		if len(a) == 0 {
			r.Skip()
			continue
		}
		if len(attributes) < maxAttributes && len(a) < maxAttributes {
			attributes = append(attributes, strings.ToLower(string(a)))
		}
	}
	r.Close()
	return attributes
}

// roles maps the attributes of RFC 6154, and those of XLIST before it, in lower case.
var roles = map[string]engine.Role{
	`\all`: engine.RoleAll, `\allmail`: engine.RoleAll,
	`\archive`:   engine.RoleArchive,
	`\drafts`:    engine.RoleDrafts,
	`\important`: engine.RoleImportant,
	`\flagged`:   engine.RoleFlagged, `\starred`: engine.RoleFlagged,
	`\junk`: engine.RoleJunk, `\spam`: engine.RoleJunk,
	`\sent`:  engine.RoleSent,
	`\trash`: engine.RoleTrash, `\bin`: engine.RoleTrash,
	`\inbox`: engine.RoleInbox,
}

func (l *lister) mark(f *engine.Folder, attributes []string) {
	for _, a := range attributes {
		switch a {
		case `\noselect`, `\nonexistent`:
			f.Selectable = false
		case `\noinferiors`:
			f.Childless = true
		case `\subscribed`:
			f.Subscribed = true
		}
		if role, ok := roles[a]; ok && f.Role == "" && (role != engine.RoleInbox || strings.EqualFold(string(f.Name), inbox)) {
			f.Role = role
		}
	}
	if strings.EqualFold(string(f.Name), inbox) {
		f.Role = engine.RoleInbox
	}
}

// status takes a STATUS response: name (item number …).
func (l *lister) status(r *wire.Response) {
	raw, ok := r.String()
	if !ok {
		return
	}
	name := engine.FolderName(raw)
	l.names += len(name)
	status, limit, ok := readStatus(r)
	if r.Err() != nil || !ok {
		return
	}
	if _, known := l.at[key(name)]; !known {
		l.stray = &status
	} else if _, told := l.statuses[key(name)]; !told {
		r.Asked()
	}
	l.statuses[key(name)] = status
	if limit > 0 {
		l.s.facts(name, func(k *facts) { k.limit = limit })
	}
}

// readStatus reads the list of a STATUS response. limit is how large a message may be, 0 where that is not told. ok is false where it does
// not tell how many messages there are: that must not be taken for none.
func readStatus(r *wire.Response) (status engine.FolderStatus, limit int64, ok bool) {
	status.Size = -1
	if !r.Open() {
		return status, 0, false
	}
	for r.More() {
		item := strings.ToUpper(string(r.Atom()))
		n, number := r.Number()
		if !number {
			continue
		}
		switch item {
		case "MESSAGES":
			status.Messages, ok = n, true
		case "UIDNEXT":
			status.UIDNext = uidOf(n)
		case "UIDVALIDITY":
			status.Validity = engine.Validity(uidOf(n))
		case "SIZE":
			status.Size = n
		case "APPENDLIMIT":
			limit, status.MaxSize = n, n
		}
	}
	return status, limit, ok
}

// uidOf returns n as a UID, 0 if it cannot be one.
func uidOf(n int64) engine.UID {
	if n < 0 || n > int64(engine.MaxUID) {
		return 0
	}
	return engine.UID(n)
}

// finish drops what is not personal and gives the folders their paths.
func (l *lister) finish(space *goimap.NamespaceData) {
	var foreign []string
	rawPrefix := ""
	if space == nil {
		rawPrefix = l.belowInbox()
	} else {
		if len(space.Personal) > 0 {
			rawPrefix = space.Personal[0].Prefix
			if d := space.Personal[0].Delim; d != 0 {
				l.listing.Separator = string(d)
			}
		}
		for _, class := range [][]goimap.NamespaceDescriptor{space.Other, space.Shared} {
			for _, n := range class {
				if n.Prefix != "" && n.Prefix != rawPrefix {
					foreign = append(foreign, n.Prefix)
				}
			}
		}
	}
	l.listing.Folders = slices.DeleteFunc(l.listing.Folders, func(f engine.Folder) bool { return within(string(f.Name), foreign, l.listing.Separator) })
	clear(l.at)
	l.listing.Prefix = rawPrefix
	l.listing.Labels = l.s.has("X-GM-EXT-1")
	if l.s.exchange() {
		l.listing.Reserved = exchangeReserves
	}
	if strings.Contains(l.s.told, "Cyrus") {
		l.listing.Forbidden = cyrusForbids
		if l.listing.Separator != "." {
			l.listing.Forbidden += "^" // by which it stands for the dots of a name
		}
	}
	if text, err := wire.DecodeName(rawPrefix); err == nil {
		l.listing.Prefix = text
	}
	for i := range l.listing.Folders {
		f := &l.listing.Folders[i]
		l.at[key(f.Name)] = i
		f.Path = pathOf(string(f.Name), rawPrefix, l.listing.Separator)
		f.Display = display(f.Path)
	}
}

// belowInbox returns "INBOX." where all folders lie below INBOX: what a server that tells no namespaces means by it.
func (l *lister) belowInbox() string {
	prefix, below := inbox+l.listing.Separator, 0
	for _, f := range l.listing.Folders {
		switch name := string(f.Name); {
		case strings.EqualFold(name, inbox):
		case l.listing.Separator != "" && strings.HasPrefix(name, prefix):
			below++
		default:
			return ""
		}
	}
	if below == 0 {
		return ""
	}
	return prefix
}

// within reports whether a name lies in one of the namespaces with the given prefixes.
func within(name string, prefixes []string, separator string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) || separator != "" && name == strings.TrimSuffix(p, separator) {
			return true
		}
	}
	return false
}

// statusWindow is how many STATUS commands are on their way at once: few enough that neither side's buffers fill.
const statusWindow = 100

// askStatus fills in the status of the folders, and asks for it where LIST has not told.
func (l *lister) askStatus(ctx context.Context) error {
	var missing []int
	for i := range l.listing.Folders {
		f := &l.listing.Folders[i]
		if !f.Selectable {
			continue
		}
		status, ok := l.statuses[key(f.Name)]
		if f.Status = status; !ok {
			missing = append(missing, i)
		}
	}
	return l.statusOf(ctx, missing)
}

// statusOf asks for the status of the folders at the given indexes, pipelined.
func (l *lister) statusOf(ctx context.Context, missing []int) error {
	x := l.s.conn.Begin(ctx, wire.Counts)
	defer x.Close()
	l.stray = nil
	sent, answered := 0, 0
	for answered < len(missing) {
		for ; sent < len(missing) && sent-answered < statusWindow; sent++ {
			name := wire.Name(string(l.listing.Folders[missing[sent]].Name))
			if sent > answered && x.Waits(name) {
				break
			}
			if err := x.Send(wire.Text("STATUS "), name, wire.Text(" ("+l.s.statusItems()+")")); err != nil && !errors.Is(err, wire.ErrHeld) {
				return err
			}
		}
		if err := x.Flush(); err != nil {
			return err
		}
		r, end, err := x.Next()
		switch {
		case err != nil:
			return err
		case r != nil && r.Kind == wire.Counts:
			l.status(r)
		case r == nil:
			l.settle(&l.listing.Folders[missing[end.Command]], end.Status)
			answered++
		}
	}
	return nil
}

// settle gives a folder the status that its STATUS command has brought, or the error.
func (l *lister) settle(f *engine.Folder, s wire.Status) {
	status, ok := l.statuses[key(f.Name)]
	switch {
	case !s.OK():
		f.Err = l.s.refuse("read folder "+f.Display, s)
	case ok:
		f.Status = status
	case l.stray != nil: // the server spells the name another way
		f.Status = *l.stray
	default:
		f.Err = l.s.ours("read folder "+f.Display, engine.Unreadable, "the service does not tell the folder's status")
	}
	l.stray = nil
}
