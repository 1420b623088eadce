package engine

import (
	"errors"
	"testing"
	"time"
)

func TestMatch(t *testing.T) {
	date := func(s int64) Date { return Date{time.Unix(s, 0)} }
	item := func(uid UID, head, body byte, size, at int64) ClaimedItem {
		c := ClaimedItem{UID: uid, Size: size, Date: date(at), Head: Digest{head}}
		if body != 0 {
			c.Body = Digest{body}
		}
		return c
	}
	there := func(uid UID, head byte, size, at int64) arrival {
		return arrival{uid: uid, size: size, date: date(at), head: Digest{head}}
	}
	bodies := map[UID]Digest{}
	body := func(uid UID) (Digest, error) {
		if d, ok := bodies[uid]; ok {
			return d, nil
		}
		return Digest{}, errors.New("nobody should ask for this body")
	}
	for _, c := range []struct {
		name     string
		wanted   []ClaimedItem
		arrivals []arrival
		bodies   map[UID]Digest
		want     []UID
	}{
		{"all there", []ClaimedItem{item(1, 1, 1, 10, 5), item(2, 2, 2, 10, 5)}, []arrival{there(7, 1, 10, 5), there(8, 2, 10, 5)}, nil, []UID{7, 8}},
		{"none there", []ClaimedItem{item(1, 1, 1, 10, 5)}, nil, nil, []UID{0}},
		{"twins, one arrived", []ClaimedItem{item(1, 1, 1, 10, 5), item(2, 1, 1, 10, 5)}, []arrival{there(7, 1, 10, 5)}, nil, []UID{7, 0}},
		{"same header, other body", []ClaimedItem{item(1, 1, 1, 10, 5), item(2, 1, 2, 10, 5)}, []arrival{there(7, 1, 10, 5)}, map[UID]Digest{7: {2}}, []UID{0, 7}},
		{"size changed by the server", []ClaimedItem{item(1, 1, 1, 10, 5)}, []arrival{there(7, 1, 12, 5)}, nil, []UID{7}},
		{"foreign mail with the same header", []ClaimedItem{item(1, 1, 1, 10, 5)}, []arrival{there(7, 1, 90, 9), there(8, 1, 10, 5)}, map[UID]Digest{7: {9}, 8: {1}}, []UID{8}},
		{"streamed, body unknown", []ClaimedItem{item(1, 1, 0, 10, 5), item(2, 1, 0, 20, 6)}, []arrival{there(7, 1, 20, 6), there(8, 1, 10, 5)}, nil, []UID{8, 7}},
		{"header changed", []ClaimedItem{item(1, 1, 1, 10, 5)}, []arrival{there(7, 3, 10, 5)}, map[UID]Digest{7: {1}}, []UID{7}},
		{"foreign mail only", []ClaimedItem{item(1, 1, 1, 10, 5)}, []arrival{there(7, 3, 11, 5)}, nil, []UID{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bodies = c.bodies
			got, err := match(c.wanted, c.arrivals, body)
			if err != nil {
				t.Fatal(err)
			}
			want(t, "found", got, c.want)
		})
	}
}

func TestMessageID(t *testing.T) {
	same := messageID([]byte("Message-ID: <a@b>\r\n"))
	for _, h := range []string{"Subject: x\r\nMESSAGE-ID:<a@b>\r\n\r\n", "Message-Id:\r\n <a@b>\r\nTo: c\r\n", "message-id: <a@b>"} {
		want(t, h, messageID([]byte(h)), same)
	}
	for _, h := range []string{"", "Subject: Message-ID: <a@b>\r\n", "Subject: x\r\n Message-ID: <a@b>\r\n", "Message-ID: \r\n"} {
		want(t, h, messageID([]byte(h)), Digest{})
	}
}
