package wire

import "io"

// source is a buffer before a connection, open to the Scanner's eyes: what bufio.Reader does, without a call for each byte.
type source struct {
	from io.Reader
	buf  []byte
	r, w int // what has been read from the connection and not from here is buf[r:w]
	end  error
}

// buffered returns how many bytes have come already.
func (s *source) buffered() int { return s.w - s.r }

// fill waits for at least one byte more. It fails if the connection does, or if the buffer is full.
func (s *source) fill() error {
	switch {
	case s.r == s.w:
		s.r, s.w = 0, 0
	case s.w == len(s.buf):
		s.w = copy(s.buf, s.buf[s.r:s.w])
		s.r = 0
	}
	const emptyReads = 100
	for range emptyReads {
		if s.end != nil {
			return s.end
		}
		var n int
		n, s.end = s.from.Read(s.buf[s.w:])
		s.w += n
		if n > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}

// look returns the i-th byte from here, waiting for it if it has not come.
func (s *source) look(i int) (byte, error) {
	for s.w-s.r <= i {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	return s.buf[s.r+i], nil
}

// direct reads into p: from the buffer first, past it if p is large.
func (s *source) direct(p []byte) (int, error) {
	if s.r == s.w {
		if len(p) >= len(s.buf)/4 && s.end == nil {
			return s.from.Read(p)
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.buf[s.r:s.w])
	s.r += n
	return n, nil
}
