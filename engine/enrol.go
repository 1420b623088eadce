package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Roster is what enrolling needs of the ledger. A secret is doomed while no mailbox refers to it: what is found doomed at
// start-up is deleted from the keychain (the ledger is the only index of it).
type Roster interface {
	Project(ctx context.Context, id ProjectID) (Project, error)
	// SetSharedSecret writes to which secret the Access of a project's endpoint refers, "" for none; the one that it referred to is doomed unless
	// something else refers to it.
	SetSharedSecret(ctx context.Context, project ProjectID, side Side, ref SecretRef) error
	// AddMailboxes adds mailboxes to a project and returns them with their ids; their secrets are doomed no more.
	AddMailboxes(ctx context.Context, project ProjectID, mailboxes []Mailbox) ([]Mailbox, error)
	Mailbox(ctx context.Context, id MailboxID) (Mailbox, error)
	Mailboxes(ctx context.Context, project ProjectID) ([]Mailbox, error)
	// UpdateMailbox writes m's accounts; secrets it no longer refers to are doomed, those it refers to are not.
	UpdateMailbox(ctx context.Context, m Mailbox) error
	// DeleteMailboxes deletes mailboxes with their items and history and dooms their secrets. ErrUnfinished while a pass is not ended.
	DeleteMailboxes(ctx context.Context, ids []MailboxID) error
	// DeleteProject deletes a project with everything below it; see DeleteMailboxes.
	DeleteProject(ctx context.Context, id ProjectID) error
	DoomSecrets(ctx context.Context, refs []SecretRef) error
	DoomedSecrets(ctx context.Context) ([]SecretRef, error)
	// ForgetSecrets drops doomed references, after the keychain has deleted them.
	ForgetSecrets(ctx context.Context, refs []SecretRef) error
}

// Enroller adds and removes mailboxes so that ledger and keychain agree, also after a crash.
type Enroller struct {
	Roster   Roster
	Keychain Keychain
}

// Enrolment is a mailbox to add and the secrets to keep for it; an empty secret is not kept.
type Enrolment struct {
	Mailbox
	Secrets Secrets
}

// Add keeps the secrets of the enrolments and adds their mailboxes to the project: all, or none. progress, unless nil, hears how many
// secrets are kept.
func (e Enroller) Add(ctx context.Context, project ProjectID, list []Enrolment, progress func(done, total int)) ([]Mailbox, error) {
	kept, err := e.keep(ctx, list, progress)
	if err != nil {
		return nil, errors.Join(err, e.forget(context.WithoutCancel(ctx), secretsOf(kept)))
	}
	added, err := e.Roster.AddMailboxes(ctx, project, kept)
	if err != nil {
		return nil, errors.Join(err, e.forget(context.WithoutCancel(ctx), secretsOf(kept)))
	}
	return added, nil
}

// keep puts the secrets of the list into the keychain and returns the mailboxes that refer to them, with an error too. The references are
// doomed first, so that none is left behind in the keychain by a crash.
func (e Enroller) keep(ctx context.Context, list []Enrolment, progress func(done, total int)) ([]Mailbox, error) {
	type job struct {
		ref    *SecretRef
		secret Secret
	}
	mailboxes := make([]Mailbox, len(list))
	var jobs []job
	var refs []SecretRef
	for i, one := range list {
		mailboxes[i] = one.Mailbox
		for _, side := range []Side{Source, Destination} {
			account := &mailboxes[i].Source
			if side == Destination {
				account = &mailboxes[i].Destination
			}
			account.Secret = ""
			if s := one.Secrets.On(side); !s.Empty() {
				account.Secret = newSecretRef()
				jobs = append(jobs, job{&account.Secret, s})
				refs = append(refs, account.Secret)
			}
		}
	}
	if len(jobs) == 0 {
		return mailboxes, nil
	}
	if err := e.Roster.DoomSecrets(ctx, refs); err != nil {
		return nil, err
	}
	for i, j := range jobs {
		if err := e.Keychain.Set(ctx, *j.ref, j.secret); err != nil {
			return mailboxes, err
		}
		if progress != nil {
			progress(i+1, len(jobs))
		}
	}
	return mailboxes, nil
}

// SetSecrets replaces the secrets of a mailbox that are not empty in s.
func (e Enroller) SetSecrets(ctx context.Context, id MailboxID, s Secrets) error {
	m, err := e.Roster.Mailbox(ctx, id)
	if err != nil {
		return err
	}
	kept, err := e.keep(ctx, []Enrolment{{m, s}}, nil)
	if err != nil {
		return errors.Join(err, e.forget(context.WithoutCancel(ctx), secretsOf(kept)))
	}
	var replaced Mailbox
	if s.Source.Empty() {
		kept[0].Source.Secret = m.Source.Secret
	} else {
		replaced.Source = m.Source
	}
	if s.Destination.Empty() {
		kept[0].Destination.Secret = m.Destination.Secret
	} else {
		replaced.Destination = m.Destination
	}
	if err := e.Roster.UpdateMailbox(ctx, kept[0]); err != nil {
		return err
	}
	return e.forget(ctx, secretsOf([]Mailbox{replaced}))
}

// SetShared replaces the secret that a project's endpoint signs in with, or drops it where s is empty.
func (e Enroller) SetShared(ctx context.Context, project ProjectID, side Side, s Secret) error {
	p, err := e.Roster.Project(ctx, project)
	if err != nil {
		return err
	}
	old, ref := p.On(side).Access.Secret, SecretRef("")
	if !s.Empty() {
		ref = newSecretRef()
		if err := e.Roster.DoomSecrets(ctx, []SecretRef{ref}); err != nil {
			return err
		}
		err = e.Keychain.Set(ctx, ref, s)
	}
	if err == nil {
		err = e.Roster.SetSharedSecret(ctx, project, side, ref)
	}
	if err != nil {
		if ref != "" {
			err = errors.Join(err, e.forget(context.WithoutCancel(ctx), []SecretRef{ref}))
		}
		return err
	}
	return e.forgetDoomed(ctx, old)
}

// forgetDoomed deletes those of the references from the keychain that nothing refers to any more.
func (e Enroller) forgetDoomed(ctx context.Context, refs ...SecretRef) error {
	doomed, err := e.Roster.DoomedSecrets(ctx)
	if err != nil {
		return err
	}
	return e.forget(ctx, slices.DeleteFunc(refs, func(ref SecretRef) bool { return !slices.Contains(doomed, ref) }))
}

// DeleteMailboxes deletes mailboxes, their history and their secrets.
func (e Enroller) DeleteMailboxes(ctx context.Context, ids []MailboxID) error {
	var doomed []Mailbox
	for _, id := range ids {
		m, err := e.Roster.Mailbox(ctx, id)
		if err != nil {
			return err
		}
		doomed = append(doomed, m)
	}
	if err := e.Roster.DeleteMailboxes(ctx, ids); err != nil {
		return err
	}
	return e.forget(ctx, secretsOf(doomed))
}

// DeleteProject deletes a project, its history and its secrets.
func (e Enroller) DeleteProject(ctx context.Context, id ProjectID) error {
	project, err := e.Roster.Project(ctx, id)
	if err != nil {
		return err
	}
	doomed, err := e.Roster.Mailboxes(ctx, id)
	if err != nil {
		return err
	}
	if err := e.Roster.DeleteProject(ctx, id); err != nil {
		return err
	}
	refs := append(secretsOf(doomed), project.Source.Access.Secret, project.Destination.Access.Secret)
	return e.forgetDoomed(ctx, slices.DeleteFunc(refs, func(ref SecretRef) bool { return ref == "" })...)
}

// Sweep deletes doomed secrets from the keychain: those that a crash has left. It is for start-up, before anything is added: a secret that is just
// being added is doomed too.
func (e Enroller) Sweep(ctx context.Context) error {
	refs, err := e.Roster.DoomedSecrets(ctx)
	if err != nil {
		return err
	}
	return e.forget(ctx, refs)
}

// secretsOf returns the references of mailboxes to secrets.
func secretsOf(mailboxes []Mailbox) (refs []SecretRef) {
	for _, m := range mailboxes {
		for _, ref := range []SecretRef{m.Source.Secret, m.Destination.Secret} {
			if ref != "" {
				refs = append(refs, ref)
			}
		}
	}
	return refs
}

// forget deletes doomed secrets from the keychain. What the keychain does not delete now stays doomed for the next start.
func (e Enroller) forget(ctx context.Context, refs []SecretRef) error {
	if len(refs) == 0 {
		return nil
	}
	var gone []SecretRef
	var failed error
	for _, ref := range refs {
		if err := e.Keychain.Delete(ctx, ref); err != nil && !errors.Is(err, ErrNoSecret) {
			failed = fmt.Errorf("delete a secret: %w", err)
			break
		}
		gone = append(gone, ref)
	}
	return errors.Join(failed, e.Roster.ForgetSecrets(ctx, gone))
}

// newSecretRef returns a reference of 26 random characters, of those that every keychain takes.
func newSecretRef() SecretRef { return SecretRef("k-" + strings.ToLower(rand.Text())) }
