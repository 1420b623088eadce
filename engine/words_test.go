package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestStatusOfAProject(t *testing.T) {
	for _, c := range []struct {
		count map[Status]int
		want  Status
	}{
		{nil, Pending},
		{map[Status]int{Pending: 3}, Pending},
		{map[Status]int{Pending: 1, Processing: 1, StatusFailed: 1}, Processing},
		{map[Status]int{Processing: 1, Stopping: 1}, Stopping},
		{map[Status]int{Completed: 2, Pending: 1}, Completed},
		{map[Status]int{Completed: 2, CompletedWithErrors: 1}, CompletedWithErrors},
		{map[Status]int{Completed: 2, StatusFailed: 1}, CompletedWithErrors},
		{map[Status]int{StatusFailed: 2, Pending: 1}, StatusFailed},
		{map[Status]int{Completed: 2, StatusStopped: 1, StatusFailed: 1}, StatusStopped},
	} {
		want(t, fmt.Sprint(c.count), Combine(c.count), c.want)
	}
	for state, status := range map[PassState]Status{"": Pending, Queued: Processing, Running: Processing, PassInterrupted: StatusStopped, PassFailed: StatusFailed} {
		want(t, string(state), StatusOf(state), status)
	}
}

func TestEveryKindOfErrorHasAnAnswer(t *testing.T) {
	for k := NoError; k <= Other; k++ {
		if Answers[k].Name == "" {
			t.Errorf("kind %d has no answer", k)
		}
	}
	if len(Answers) != int(Other)+1 {
		t.Error("Other must stay the last kind")
	}
}

func TestEndpointURLs(t *testing.T) {
	for _, c := range []struct {
		url, want, err string
	}{
		{"imaps://mail.old", "imaps://mail.old:993", ""},
		{"imap+starttls://mail.old", "imap+starttls://mail.old:143", ""},
		{"imap://127.0.0.1:1143", "imap://127.0.0.1:1143", ""},
		{"imaps://[::1]:99", "imaps://[::1]:99", ""},
		{"pop3://mail.old", "", "must begin with imaps://"},
		{"imaps://", "", "names no host"},
		{"imaps://x:0", "", "port must be"},
		{"mail.old", "", "must begin with"},
	} {
		e, err := ParseEndpoint(c.url)
		switch {
		case c.err == "" && err != nil, c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: %v", c.url, err)
		case err == nil:
			want(t, c.url, e.URL(), c.want)
		}
	}
	plain := Endpoint{Host: "mail.old", Port: 143, Encryption: Plaintext}
	if plain.Validate() == nil {
		t.Error("plaintext to another machine passes without the user's word")
	}
	plain.Host = "127.0.0.1"
	if err := plain.Validate(); err != nil {
		t.Error(err)
	}
}

func TestSecretNeverPrints(t *testing.T) {
	type outer struct {
		inner Secrets
		Ptr   *Secret
	}
	s := NewSecret("hunter2")
	o := outer{Secrets{s, s}, &s}
	out, err := json.Marshal(map[string]any{"a": s, "b": o})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{s, &s, o, &o, []Secret{s}} {
			out = fmt.Appendf(out, verb, v)
		}
	}
	if strings.Contains(string(out), "hunter2") || strings.Contains(string(out), "68756e74657232") {
		t.Errorf("the secret shows: %s", out)
	}
	want(t, "reveal", s.Reveal(), "hunter2")
}

// TestSessionCannotDelete holds promise 1 in the port itself: no verb that changes or removes what lies in a mailbox.
func TestSessionCannotDelete(t *testing.T) {
	src, err := os.ReadFile("ports.go")
	if err != nil {
		t.Fatal(err)
	}
	_, session, _ := strings.Cut(string(src), "type Session interface {")
	session, _, _ = strings.Cut(session, "\n}")
	methods := regexp.MustCompile(`(?m)^\t([A-Z]\w*)\(`).FindAllStringSubmatch(session, -1)
	if len(methods) < 8 {
		t.Fatalf("only %d methods read", len(methods))
	}
	for _, m := range methods {
		if regexp.MustCompile(`(?i)delete|expunge|store|rename|move|remove|unsubscribe`).MatchString(m[1]) {
			t.Errorf("a session has a method %s", m[1])
		}
	}
}

func TestUnexplained(t *testing.T) {
	f := FolderTally{Messages: 10, Before: 4, Tally: Tally{Copied: 3, Adopted: 1, Failed: 1, Left: 1}}
	want(t, "sums up", f.Unexplained(), 0)
	f.Copied--
	want(t, "one lost", f.Unexplained(), 1)
}

func TestBackOff(t *testing.T) {
	want(t, "first attempt", backOff(0, &Error{Kind: Unreachable}), 0)
	if d := backOff(0, &Error{Kind: Throttled, Wait: 299961 * time.Millisecond}); d < 299*time.Second {
		t.Errorf("the service asked for 299 s, we wait %v", d)
	}
	if d := backOff(4, &Error{Kind: Unreachable}); d < 8*time.Second || d > 10*time.Second {
		t.Errorf("fourth retry waits %v", d)
	}
}
