package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
)

// roster is a Roster in memory with one mailbox at most, and the keychain beside it.
type roster struct {
	Roster
	mailbox Mailbox
	project Project
	doomed  map[SecretRef]bool
	secrets map[SecretRef]string
	full    int // how many secrets the keychain takes
}

func (r *roster) Project(context.Context, ProjectID) (Project, error) { return r.project, nil }
func (r *roster) SetSharedSecret(_ context.Context, _ ProjectID, _ Side, ref SecretRef) error {
	if old := r.project.Source.Access.Secret; old != "" {
		r.doomed[old] = true
	}
	delete(r.doomed, ref)
	r.project.Source.Access.Secret = ref
	return nil
}
func (r *roster) Mailbox(context.Context, MailboxID) (Mailbox, error) { return r.mailbox, nil }
func (r *roster) Mailboxes(context.Context, ProjectID) ([]Mailbox, error) {
	return []Mailbox{r.mailbox}, nil
}
func (r *roster) AddMailboxes(_ context.Context, _ ProjectID, all []Mailbox) ([]Mailbox, error) {
	return all, r.UpdateMailbox(context.Background(), all[0])
}
func (r *roster) UpdateMailbox(_ context.Context, m Mailbox) error {
	for _, ref := range secretsOf([]Mailbox{r.mailbox}) {
		r.doomed[ref] = true
	}
	for _, ref := range secretsOf([]Mailbox{m}) {
		delete(r.doomed, ref)
	}
	r.mailbox = m
	return nil
}
func (r *roster) DeleteProject(context.Context, ProjectID) error {
	if ref := r.project.Source.Access.Secret; ref != "" {
		r.doomed[ref] = true
	}
	return r.UpdateMailbox(context.Background(), Mailbox{})
}
func (r *roster) DoomSecrets(_ context.Context, refs []SecretRef) error {
	for _, ref := range refs {
		r.doomed[ref] = true
	}
	return nil
}
func (r *roster) DoomedSecrets(context.Context) ([]SecretRef, error) {
	return slices.Collect(maps.Keys(r.doomed)), nil
}
func (r *roster) ForgetSecrets(_ context.Context, refs []SecretRef) error {
	for _, ref := range refs {
		delete(r.doomed, ref)
	}
	return nil
}
func (r *roster) Set(_ context.Context, ref SecretRef, s Secret) error {
	if len(r.secrets) == r.full {
		return ErrNoKeychain
	}
	r.secrets[ref] = s.Reveal()
	return nil
}
func (r *roster) Get(_ context.Context, ref SecretRef) (Secret, error) {
	return NewSecret(r.secrets[ref]), nil
}
func (r *roster) Delete(_ context.Context, ref SecretRef) error { delete(r.secrets, ref); return nil }

func TestEnrolling(t *testing.T) {
	r := &roster{doomed: map[SecretRef]bool{}, secrets: map[SecretRef]string{}, full: 4}
	e := Enroller{r, r}
	ctx := t.Context()
	both := []Enrolment{{Secrets: Secrets{NewSecret("a"), NewSecret("b")}}}
	if _, err := e.Add(ctx, 1, both, nil); err != nil {
		t.Fatal(err)
	}
	want(t, "secrets kept", len(r.secrets), 2)
	want(t, "source", r.secrets[r.mailbox.Source.Secret], "a")

	// A secret that somebody else is just adding is doomed until its mailbox stands; nobody but a start may sweep it.
	r.doomed["k-of-another"], r.secrets["k-of-another"] = true, "c"
	if err := e.SetSecrets(ctx, 1, Secrets{Source: NewSecret("a2")}); err != nil {
		t.Fatal(err)
	}
	want(t, "new source", r.secrets[r.mailbox.Source.Secret], "a2")
	want(t, "destination stays", r.secrets[r.mailbox.Destination.Secret], "b")
	want(t, "secrets", len(r.secrets), 3)

	r.full++
	for _, text := range []string{"of the first administrator", "of the second"} {
		if err := e.SetShared(ctx, 1, Source, NewSecret(text)); err != nil {
			t.Fatal(err)
		}
		want(t, "shared", r.secrets[r.project.Source.Access.Secret], text)
		want(t, "secrets", len(r.secrets), 4)
	}

	if _, err := e.Add(ctx, 1, both, nil); !errors.Is(err, ErrNoKeychain) {
		t.Fatalf("a full keychain: %v", err)
	}
	want(t, "nothing of the failed one stays", len(r.secrets), 4)
	if err := e.DeleteProject(ctx, 1); err != nil {
		t.Fatal(err)
	}
	want(t, "of another only", slices.Collect(maps.Keys(r.secrets)), []SecretRef{"k-of-another"})
	if err := e.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	want(t, "swept", len(r.secrets)+len(r.doomed), 0)
}
