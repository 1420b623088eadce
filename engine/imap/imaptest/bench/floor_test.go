//go:build linux

package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"mwiz/engine/imap/imaptest"
)

// floorVariable makes this test's own program a bare-socket copier: SOURCE DESTINATION USERS USERS, with blanks between, and commas between users.
const floorVariable = "MWIZ_TEST_FLOOR"

const (
	floorLanes    = 4
	floorMessages = 128     // of a MULTIAPPEND
	floorBytes    = 4 << 20 // of a MULTIAPPEND
)

// floor copies mailboxes to others that are empty, all at once, as fast as sockets allow: no ledger, no digest, no check, nothing looked up and
// nothing kept. The servers must know LIST-STATUS, LITERAL+ and MULTIAPPEND. order is what floorVariable holds.
func floor(order string) error {
	o := strings.Fields(order)
	if len(o) != 4 {
		return fmt.Errorf("%s=%q: four words wanted", floorVariable, order)
	}
	sources, destinations := strings.Split(o[2], ","), strings.Split(o[3], ",")
	lanes := floorLanes
	if len(sources) > floorLanes {
		lanes = 1
	}
	var mailboxes errgroup.Group
	for i := range sources {
		mailboxes.Go(func() error { return copyMailbox(o[0], o[1], sources[i], destinations[i], lanes) })
	}
	return mailboxes.Wait()
}

// copyMailbox copies one mailbox.
func copyMailbox(from, to, user, copied string, most int) error {
	var lanes errgroup.Group
	folders := make(chan string, 1000)
	for i := range most {
		lanes.Go(func() error {
			var source, destination *socket
			var both errgroup.Group
			both.Go(func() (err error) {
				if source, err = dial(from, user); err != nil || i > 0 {
					return err
				}
				return source.list(folders)
			})
			both.Go(func() (err error) { destination, err = dial(to, copied); return err })
			if err := both.Wait(); err != nil {
				return err
			}
			return copyFolders(source, destination, folders)
		})
	}
	return lanes.Wait()
}

// socket is a connection that is signed in.
type socket struct {
	net.Conn
	r *bufio.Reader
	w *bufio.Writer
}

func dial(addr, user string) (*socket, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &socket{conn, bufio.NewReaderSize(conn, 256<<10), bufio.NewWriterSize(conn, 256<<10)}
	if _, err := s.r.ReadSlice('\n'); err != nil {
		return nil, err
	}
	return s, s.do(nil, "a", "LOGIN %s %s", user, imaptest.Password)
}

// send puts a command on its way.
func (s *socket) send(format string, a ...any) error {
	if _, err := fmt.Fprintf(s.w, format+"\r\n", a...); err != nil {
		return err
	}
	return s.w.Flush()
}

// do sends a command and reads to its end; each gets the lines before it.
func (s *socket) do(each func(line []byte), tag, format string, a ...any) error {
	if err := s.send(tag+" "+format, a...); err != nil {
		return err
	}
	return s.until(tag, each)
}

// until reads to the end of the command with the tag. A folder that is there already is no error.
func (s *socket) until(tag string, each func(line []byte)) error {
	for {
		line, err := s.r.ReadSlice('\n')
		switch {
		case err != nil:
			return err
		case line[0] == '*':
			if each != nil {
				each(line)
			}
		case !bytes.Contains(line, []byte(" OK ")) && !bytes.Contains(line, []byte("[ALREADYEXISTS]")):
			return fmt.Errorf("the server says %q", line)
		case bytes.HasPrefix(line, []byte(tag+" ")):
			return nil
		}
	}
}

var statusLine = regexp.MustCompile(`^\* STATUS (.+) \(MESSAGES (\d+)`)

// list finds the folders of the mailbox and closes the channel after the last.
func (s *socket) list(folders chan<- string) error {
	defer close(folders)
	return s.do(func(line []byte) {
		if m := statusLine.FindSubmatch(line); m != nil {
			folders <- string(m[1])
		}
	}, "b", `LIST "" "*" RETURN (STATUS (MESSAGES))`)
}

// copyFolders copies folder after folder. The next is asked for while one arrives; appends are sent without waiting for the answers
// to those before.
func copyFolders(source, destination *socket, folders <-chan string) error {
	var answers errgroup.Group
	answers.Go(func() error { return destination.until("z", nil) })
	ask := func() (folder string, err error) {
		if folder = <-folders; folder != "" {
			err = source.send("d EXAMINE %s\r\ne UID FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[])", folder)
		}
		return folder, err
	}
	folder, err := ask()
	for err == nil && folder != "" {
		var next string
		if next, err = ask(); err != nil {
			break
		}
		if _, err = fmt.Fprintf(destination.w, "f CREATE %s\r\n", folder); err == nil {
			err = copyFolder(source, destination, folder)
		}
		folder = next
	}
	if err != nil {
		_ = destination.Close()
		return err
	}
	if err := destination.send("z LOGOUT"); err != nil {
		return err
	}
	return answers.Wait()
}

// copyFolder takes the messages of a folder from one socket to the other.
func copyFolder(source, destination *socket, folder string) error {
	if err := source.until("d", nil); err != nil {
		return err
	}
	w := destination.w
	messages, size := 0, 0
	for {
		line, err := source.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if line[0] == 'e' {
			break
		}
		flags, date, n, ok := fetched(line)
		if !ok {
			continue
		}
		if messages == 0 {
			_, _ = fmt.Fprintf(w, "g APPEND %s", folder)
		}
		_, _ = fmt.Fprintf(w, " (%s) %s {%d+}\r\n", flags, date, n)
		if _, err := io.CopyN(w, source.r, int64(n)); err != nil {
			return err
		}
		if messages, size = messages+1, size+n; messages == floorMessages || size > floorBytes {
			messages, size = 0, 0
			_, _ = w.WriteString("\r\n")
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
	if messages > 0 {
		_, _ = w.WriteString("\r\n")
	}
	return w.Flush()
}

// fetched reads a line that announces a message: its flags, its date with quotes, its size.
func fetched(line []byte) (flags, date []byte, size int, ok bool) {
	_, rest, _ := bytes.Cut(line, []byte("FLAGS ("))
	flags, rest, _ = bytes.Cut(rest, []byte(") INTERNALDATE "))
	date, rest, _ = bytes.Cut(rest, []byte(" BODY[] {"))
	number, _, ok := bytes.Cut(rest, []byte("}"))
	if !ok {
		return nil, nil, 0, false
	}
	flags = bytes.TrimSpace(bytes.Replace(flags, []byte(`\Recent`), nil, 1))
	size, err := strconv.Atoi(string(number))
	return flags, date, size, err == nil
}

// The floor is worth comparing with only while it copies everything.
func TestFloorIsExact(t *testing.T) {
	source, destination := imaptest.Dovecot(t, imaptest.Options{}), imaptest.Dovecot(t, imaptest.Options{})
	from, to := source.MailRoot("ann"), destination.MailRoot("ben")
	imaptest.WriteCorpus(t, from, imaptest.CorpusOptions{Messages: 600, Seed: 5})
	if err := floor(source.Addr() + " " + destination.Addr() + " ann ben"); err != nil {
		t.Fatal(err)
	}
	if d := imaptest.Compare(t, from, to); !d.Empty() {
		t.Error(d)
	}
}

func TestMain(m *testing.M) {
	if order := os.Getenv(floorVariable); order != "" {
		if err := floor(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
