package imap

import (
	"context"
	"errors"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// createWindow is how many folders are made in one go: few enough that neither side's buffers fill.
const createWindow = 50

// Create makes folders, subscribes them and returns their status. It implements engine.Session. One round trip for every
// fifty folders.
func (s *session) Create(ctx context.Context, folders []engine.FolderName, roles []engine.Role) []engine.CreateResult {
	results := make([]engine.CreateResult, 0, len(folders))
	for len(folders) > 0 {
		n := min(len(folders), createWindow)
		var some []engine.Role
		if len(roles) >= n {
			some, roles = roles[:n], roles[n:]
		}
		results = append(results, s.createOnce(ctx, folders[:n], some)...)
		folders = folders[n:]
	}
	return results
}

// createOnce makes some folders: with their roles, and again without where a role was refused.
func (s *session) createOnce(ctx context.Context, folders []engine.FolderName, roles []engine.Role) []engine.CreateResult {
	results := s.create(ctx, folders, roles)
	var again []int
	var names []engine.FolderName
	for i := range results {
		if results[i].Err != nil && s.createOptions(roles, i) != nil && s.Alive() {
			again, names = append(again, i), append(names, folders[i])
		}
	}
	if len(again) > 0 {
		for n, r := range s.create(ctx, names, nil) {
			results[again[n]] = r
		}
	}
	return results
}

// creation is one folder being made.
type creation struct {
	made       *imapclient.Command
	subscribed *imapclient.Command
}

func (s *session) create(ctx context.Context, folders []engine.FolderName, roles []engine.Role) []engine.CreateResult {
	s.busy.Lock()
	defer s.busy.Unlock()
	defer s.conn.Watch(ctx)()
	results := make([]engine.CreateResult, len(folders))
	creations := make([]creation, len(folders))
	for i, name := range folders {
		if key(name) == inbox {
			continue // always there
		}
		text, err := wire.DecodeName(string(name))
		if err != nil || wire.EncodeName(text) != string(name) {
			results[i].Err = s.ours(createOp(name), engine.Missing, "%q is no name for a new folder", escape(string(name)))
			continue
		}
		creations[i].made = s.client.Create(text, s.createOptions(roles, i))
	}
	for i := range creations {
		if creations[i].made != nil {
			text, _ := wire.DecodeName(string(folders[i]))
			creations[i].subscribed = s.client.Subscribe(text)
		}
	}
	status, err := s.createdStatus(ctx, folders)
	for i := range results {
		if results[i].Err == nil {
			results[i] = s.created(ctx, folders[i], creations[i], status[i], err)
		}
	}
	return results
}

func createOp(name engine.FolderName) string {
	text, err := wire.DecodeName(string(name))
	if err != nil {
		text = string(name)
	}
	return "make folder " + escape(text)
}

// createOptions asks for a role where the server can give one (RFC 6154).
func (s *session) createOptions(roles []engine.Role, i int) *goimap.CreateOptions {
	if i >= len(roles) || roles[i] == "" || roles[i] == engine.RoleInbox || !s.has("CREATE-SPECIAL-USE") {
		return nil
	}
	return &goimap.CreateOptions{SpecialUse: []goimap.MailboxAttr{goimap.MailboxAttr(roles[i])}}
}

// createdStatus asks for the status of the folders, in the same breath.
func (s *session) createdStatus(ctx context.Context, folders []engine.FolderName) ([]engine.Folder, error) {
	l := newLister(s)
	all := make([]int, len(folders))
	for i, name := range folders {
		l.listing.Folders = append(l.listing.Folders, engine.Folder{Name: name, Display: escape(string(name)), Selectable: true})
		l.at[key(name)], all[i] = i, i
	}
	err := l.statusOf(ctx, all)
	return l.listing.Folders, err
}

// created joins the three answers about one folder: what counts is whether it is there.
func (s *session) created(ctx context.Context, name engine.FolderName, c creation, f engine.Folder, dead error) engine.CreateResult {
	op := createOp(name)
	if dead != nil {
		return engine.CreateResult{Err: s.fail(ctx, op, dead)}
	}
	if c.made != nil {
		err := c.made.Wait()
		if subscribeErr := c.subscribed.Wait(); subscribeErr != nil {
			s.log.Debug("a folder could not be subscribed", "err", subscribeErr)
		}
		if err != nil && !existed(err) {
			return engine.CreateResult{Err: s.fail(ctx, op, s.cause(err))}
		}
	}
	if f.Err != nil {
		return engine.CreateResult{Err: f.Err}
	}
	return engine.CreateResult{Status: f.Status}
}

// existed reports whether a folder could not be made because it is there.
func existed(err error) bool {
	var refusal *goimap.Error
	return errors.As(err, &refusal) && (strings.EqualFold(string(refusal.Code), string(goimap.ResponseCodeAlreadyExists)) ||
		strings.Contains(strings.ToLower(refusal.Text), "exist") && !strings.Contains(strings.ToLower(refusal.Text), "not exist") && !strings.Contains(strings.ToLower(refusal.Text), "n't exist"))
}
