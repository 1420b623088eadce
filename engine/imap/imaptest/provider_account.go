package imaptest

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
)

type providerFolder struct {
	name, attributes string
	next             uint32
	messages         []providerMessage
}

type providerMessage struct {
	uid    uint32
	number uint64
	text   []byte
	flags  []string
	date   time.Time
}

// account returns an account's folders. p.mu is held.
func (p *Provider) account(user string) map[string]*providerFolder {
	if p.accounts[user] == nil {
		p.accounts[user] = map[string]*providerFolder{Inbox: {name: Inbox, next: 1}}
		if p.o.Childless {
			p.accounts[user][Inbox].attributes = `\Noinferiors`
		}
		for _, f := range p.o.Folders {
			p.accounts[user][f.Name] = &providerFolder{name: f.Name, attributes: f.Attributes, next: 1}
		}
	}
	return p.accounts[user]
}

// all returns the folder that holds all messages, nil for none.
func (p *Provider) all(user string) *providerFolder {
	for _, f := range p.account(user) {
		if p.o.Labels && strings.Contains(f.attributes, `\All`) {
			return f
		}
	}
	return nil
}

func (f *providerFolder) add(m providerMessage) uint32 {
	m.uid = f.next
	f.next++
	f.messages = append(f.messages, m)
	return m.uid
}

// Deliver puts a message into folders of an account, and, where it keeps labels, into the one for all. It returns the message's number.
func (p *Provider) Deliver(user string, m Message, folders ...string) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	text := []byte(strings.ReplaceAll(string(Fold(m.Bytes)), "\n", "\r\n"))
	one := providerMessage{number: p.last, text: text, flags: m.Flags, date: m.Date}
	for _, name := range folders {
		p.folder(user, name).add(one)
	}
	if all := p.all(user); all != nil {
		all.add(one)
	}
	return p.last
}

// folder returns a folder, made if it is not there.
func (p *Provider) folder(user, name string) *providerFolder {
	folders := p.account(user)
	if folders[name] == nil {
		folders[name] = &providerFolder{name: name, next: 1}
	}
	return folders[name]
}

// Label puts a message into a further folder, and Unlabel takes it out of one.
func (p *Provider) Label(user string, number uint64, folder string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.all(user).messages {
		if m.number == number {
			p.folder(user, folder).add(m)
			return
		}
	}
}

// Unlabel takes a message out of a folder.
func (p *Provider) Unlabel(user string, number uint64, folder string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.folder(user, folder)
	f.messages = slices.DeleteFunc(f.messages, func(m providerMessage) bool { return m.number == number })
}

// Mark gives a message other flags, in every folder that holds it.
func (p *Provider) Mark(user string, number uint64, flags ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.account(user) {
		for i := range f.messages {
			if f.messages[i].number == number {
				f.messages[i].flags = flags
			}
		}
	}
}

// Remove takes the messages with a subject out of a folder.
func (p *Provider) Remove(user, folder, subject string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.folder(user, folder)
	f.messages = slices.DeleteFunc(f.messages, func(m providerMessage) bool {
		return strings.HasPrefix(string(m.text), "Subject: "+subject+"\r\n")
	})
}

// Read returns what an account holds.
func (p *Provider) Read(user string) Mail {
	p.mu.Lock()
	defer p.mu.Unlock()
	mail := Mail{}
	for name, f := range p.account(user) {
		mail[name] = nil
		for _, m := range f.messages {
			flags := make([]string, len(m.flags))
			for i, flag := range m.flags {
				flags[i] = strings.ToLower(flag)
			}
			slices.Sort(flags)
			text := Fold(m.text)
			mail[name] = append(mail[name], Copy{Sum: fmt.Sprintf("%x", sha256.Sum256(text)), Size: len(text), Flags: strings.Join(flags, " "), Date: m.date.Unix()})
		}
	}
	return mail
}

// Subjects returns the subjects of a folder's messages, in the order of their UIDs.
func (p *Provider) Subjects(user, folder string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	if f := p.account(user)[folder]; f != nil {
		for _, m := range f.messages {
			line, _, _ := strings.Cut(string(m.text), "\r\n")
			all = append(all, strings.TrimPrefix(line, "Subject: "))
		}
	}
	return all
}

// shown returns the messages of a folder that it shows.
func (p *Provider) shown(f *providerFolder) []providerMessage {
	if n := len(f.messages); p.o.Shown > 0 && n > p.o.Shown {
		return f.messages[n-p.o.Shown:]
	}
	return f.messages
}

func (p *Provider) statusOf(f *providerFolder) string {
	return fmt.Sprintf("(MESSAGES %d UIDNEXT %d UIDVALIDITY 7)", len(p.shown(f)), f.next)
}
