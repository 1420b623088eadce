package imap

import (
	"context"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// labelItems are Gmail's (https://developers.google.com/gmail/imap/imap-extensions).
const labelItems = "UID X-GM-MSGID X-GM-LABELS"

// Labels reports of each message of the set what tells it from all others, and its labels. It implements engine.Session.
func (s *session) Labels(ctx context.Context, f engine.Opening, set engine.UIDSet, each func(engine.Labelled) error) (engine.FolderStatus, error) {
	const op = "read labels"
	q, done, err := s.open(ctx, op, f, set, false)
	defer done()
	if err == nil {
		err = q.scan(set, labelItems, nil, func(m row) error {
			return wrapEach(each(engine.Labelled{UID: m.UID, Message: m.message, Labels: m.labels}))
		})
	}
	return q.finish(ctx, err)
}

// Limits of labels, against a hostile service.
const (
	maxLabels     = 5000 // of a message; Gmail allows 10,000 an account
	maxLabelBytes = 1 << 20
)

// readLabels reads a list of labels, as they are written. Each is a quoted string, a literal or a bare word.
func readLabels(r *wire.Response) (labels []string) {
	if !r.Open() {
		r.Skip() // NIL
		return nil
	}
	bytes := 0
	for r.More() {
		label, ok := r.String()
		if !ok {
			r.Skip()
			continue
		}
		if bytes += len(label); len(labels) < maxLabels && bytes < maxLabelBytes {
			labels = append(labels, string(label))
		}
	}
	r.Close()
	return labels
}
