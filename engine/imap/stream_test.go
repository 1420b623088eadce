package imap

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"mwiz/engine"
)

// fetchedEach describes what FetchEach reports: "n:UID=body" for a message, "n:UID!" for one that is lost, "n." for the end of a fetch and "n:kind" for
// one that has failed.
func fetchedEach(t *testing.T, s engine.Session, wanted ...engine.Wanted) (string, error) {
	t.Helper()
	var out []string
	err := s.FetchEach(t.Context(), func() (engine.Wanted, bool) {
		if len(wanted) == 0 {
			return engine.Wanted{}, false
		}
		w := wanted[0]
		wanted = wanted[1:]
		return w, true
	}, func(which int, m engine.Message, lost error) error {
		if lost != nil {
			out = append(out, fmt.Sprintf("%d:%d!", which, m.UID))
			return nil
		}
		b, err := io.ReadAll(m.Body)
		out = append(out, fmt.Sprintf("%d:%d=%s", which, m.UID, b))
		return err
	}, func(which int, err error) error {
		if err != nil {
			out = append(out, fmt.Sprintf("%d:%s", which, engine.KindOf(err)))
			return nil
		}
		out = append(out, fmt.Sprintf("%d.", which))
		return nil
	})
	return strings.Join(out, " "), err
}

// both wants messages 1 and 2 of a folder.
func both(folder engine.FolderName, validity engine.Validity) engine.Wanted {
	return engine.Wanted{Opening: engine.Opening{Folder: folder, Validity: validity}, Set: engine.UIDSet{{First: 1, Last: 2}}}
}

// TestFetchEach: folders come one after the other, whatever becomes of one of them.
func TestFetchEach(t *testing.T) {
	server := scripted(t, "IMAP4rev1", func(command string) string {
		switch {
		case strings.Contains(command, `"Gone"`):
			return "$ NO [NONEXISTENT] no such folder\r\n"
		case strings.Contains(command, `"Other"`):
			return "* 2 EXISTS\r\n* OK [UIDVALIDITY 8] other\r\n$ OK [READ-ONLY] done\r\n"
		case strings.HasPrefix(command, "EXAMINE"):
			return examineReply
		}
		return flawless(command)
	})
	s := server.session(engine.Source)
	none := engine.Wanted{Opening: engine.Opening{Folder: "None"}}
	got, err := fetchedEach(t, s, both("A", 7), both("Gone", 7), both("B", 7), both("Other", 7), none, both("C", 7), both("C", 7), both("A", 0))
	must(t, err)
	want(t, s.Alive(), true)
	for _, part := range []string{"0:1=one 0:2=two 0.", "1:missing", "2:1=one 2:2=two 2.", "3:renumbered", "4.", "5:1=one 5:2=two 5.", "6:1=one 6:2=two 6.", "7:1=one 7:2=two 7."} {
		if !strings.Contains(" "+got+" ", " "+part+" ") {
			t.Errorf("%q is not in %q", part, got)
		}
	}
	want(t, len(strings.Fields(got)), 18)
	want(t, len(server.sent("EXAMINE")), 6) // C is open already, the second time
}

// TestFetchEachLooksAfter: what is left out of one folder's answer is asked for again, when the others have come.
func TestFetchEachLooksAfter(t *testing.T) {
	first := true
	server := scripted(t, "IMAP4rev1", func(command string) string {
		switch {
		case strings.HasPrefix(command, "EXAMINE"):
			return examineReply
		case first && strings.Contains(command, "BODY.PEEK[]"):
			first = false
			return two + "$ OK fetched\r\n"
		}
		return flawless(command)
	})
	s := server.session(engine.Source)
	got, err := fetchedEach(t, s, both("A", 7), both("B", 7))
	must(t, err)
	want(t, got, "0:2=two 1:1=one 1:2=two 1. 0:1=one 0.")
}

// TestFetchEachEnds: a connection that is lost tells nothing of what was not over, and an error of the caller ends it.
func TestFetchEachEnds(t *testing.T) {
	reply := func(command string) string {
		switch {
		case strings.HasPrefix(command, `EXAMINE "B"`):
			return endOfStream
		case strings.HasPrefix(command, "EXAMINE"):
			return examineReply
		}
		return flawless(command)
	}
	s := scripted(t, "IMAP4rev1", reply).session(engine.Source)
	got, err := fetchedEach(t, s, both("A", 7), both("B", 7), both("C", 7))
	wantError(t, err, engine.Unreachable, "")
	want(t, got, "0:1=one 0:2=two 0.")
	s = scripted(t, "IMAP4rev1", reply).session(engine.Source)
	sent := false
	mine := &engine.Error{Op: "mine", Kind: engine.Broken}
	err = s.FetchEach(t.Context(), func() (engine.Wanted, bool) { was := sent; sent = true; return both("A", 7), !was },
		func(int, engine.Message, error) error { return nil }, func(int, error) error { return mine })
	want(t, err, error(mine))
	want(t, s.Alive(), false)
}
