package imap

import (
	"context"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// libraryAsk is what the library asks while we list.
type libraryAsk struct {
	done      func()
	namespace *imapclient.NamespaceCommand
	id        *imapclient.IDCommand
}

func (s *session) askLibrary(ctx context.Context) libraryAsk {
	a := libraryAsk{done: s.conn.Watch(ctx)}
	if s.has("NAMESPACE") {
		a.namespace = s.client.Namespace()
	}
	if s.has("ID") && s.told == "" {
		a.id = s.client.ID(&goimap.IDData{Name: "mwiz-desktop", Version: s.dialer.o.Version})
	}
	return a
}

// wait returns the namespaces; a server that does not tell them has none.
func (a libraryAsk) wait(s *session) *goimap.NamespaceData {
	defer a.done()
	var data *goimap.NamespaceData
	if a.namespace != nil {
		if d, err := a.namespace.Wait(); err == nil {
			data = d
		}
	}
	if a.id != nil {
		if id, err := a.id.Wait(); err == nil {
			s.told = strings.TrimSpace(id.Name + " " + id.Version)
		}
	}
	return data
}
