package imap

import (
	"testing"

	"mwiz/engine"
)

// Whatever a server answers about quotas, the least that is left is found, and a session that was refused lives on.
func TestRoom(t *testing.T) {
	for _, test := range []struct {
		name, caps, answer string
		want               engine.Room
		kind               engine.Kind
	}{
		{"storage", "IMAP4rev1 QUOTA", "* QUOTAROOT INBOX \"User quota\"\r\n* QUOTA \"User quota\" (STORAGE 10 512)\r\n$ OK\r\n", engine.Room{Bytes: 502 << 10, Messages: -1}, engine.NoError},
		{"two roots", "IMAP4rev1 QUOTA", "* QUOTA \"\" (STORAGE 10 512 MESSAGE 3 5)\r\n* QUOTA b (MESSAGE 9 9 STORAGE 500 510)\r\n$ OK\r\n", engine.Room{Bytes: 10 << 10}, engine.NoError},
		{"over", "IMAP4rev1 QUOTA", "* QUOTA a (STORAGE 600 512)\r\n$ OK\r\n", engine.Room{Messages: -1}, engine.NoError},
		{"none", "IMAP4rev1 QUOTA", "* QUOTAROOT INBOX INBOX\r\n* QUOTA INBOX ()\r\n$ OK\r\n", engine.Room{Bytes: -1, Messages: -1}, engine.NoError},
		{"odd", "IMAP4rev1 QUOTA", "* QUOTA a (X-FILES 1 2 STORAGE x 5 STORAGE 1 99999999999999999999 STORAGE -1 5)\r\n* QUOTA\r\n$ OK\r\n", engine.Room{Bytes: -1, Messages: -1}, engine.NoError},
		{"refused", "IMAP4rev1 QUOTA", "$ NO not for you\r\n", engine.Room{Bytes: -1, Messages: -1}, engine.Other},
		{"not offered", "IMAP4rev1", "$ BAD\r\n", engine.Room{Bytes: -1, Messages: -1}, engine.NoError},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := scripted(t, test.caps, func(command string) string {
				if command == `GETQUOTAROOT "INBOX"` && test.name != "not offered" {
					return test.answer
				}
				return "$ BAD what?\r\n"
			})
			s := server.session(engine.Destination)
			room, err := s.Room(t.Context())
			want(t, engine.KindOf(err), test.kind)
			want(t, room, test.want)
			want(t, s.Alive(), true)
		})
	}
}
