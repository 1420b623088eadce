package imaptest

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"time"
)

// startSASL answers at a Unix socket in the place of saslauthd, whom Cyrus asks who may sign in: everybody with Password.
func startSASL(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o777); err != nil { // the server is another user
		return nil, err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(time.Minute))
				_ = answerSASL(c)
			}()
		}
	}()
	return l, nil
}

// answerSASL reads one question (user, password, service, realm; each with its length before it) and answers it.
func answerSASL(c io.ReadWriter) error {
	var question [4]string
	for i := range question {
		var n uint16
		if err := binary.Read(c, binary.BigEndian, &n); err != nil {
			return err
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(c, b); err != nil {
			return err
		}
		question[i] = string(b)
	}
	answer := "NO"
	if question[1] == Password {
		answer = "OK"
	}
	_, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
	return err
}
