package wire

import (
	"bufio"
	"bytes"
	deflate "compress/flate"
	"context"
	"io"
	"sync"

	inflate "github.com/klauspost/compress/flate"
)

// Compress asks the server to compress what both sides send from now on (RFC 4978) and returns its answer. After anything but OK the
// connection goes on as it was. Commands may be in flight; none is sent meanwhile.
func (c *Conn) Compress(ctx context.Context) (Status, error) {
	x := c.Begin(ctx, 0)
	defer x.Close()
	c.wmu.Lock()
	defer c.wmu.Unlock()
	m := x.add()
	m.compress = true
	err := c.send(m, []Part{Text("COMPRESS DEFLATE")})
	if err == nil {
		err = c.bw.Flush()
	}
	if err != nil {
		c.kill(err)
		return Status{}, c.err
	}
	_, end, err := x.Next()
	if err == nil && end.Status.OK() {
		c.bw = bufio.NewWriterSize(&deflater{w: pulseWriter{c.Conn, &c.pulse}}, c.o.Writes)
	}
	return end.Status, err
}

const inflateBuffer = 32 << 10

// inflate makes what comes from now on, the rest of the buffer included, be read as a deflate stream. Nothing sets a deadline on the
// connection below, which the inflater could not live through: it keeps its first error.
func (s *source) inflate() {
	var below io.Reader = failing{s.end}
	if s.end == nil {
		below = s.from
	}
	rest := bytes.NewReader(bytes.Clone(s.buf[s.r:s.w]))
	s.r, s.w, s.end = 0, 0, nil
	all := bufio.NewReaderSize(io.MultiReader(rest, below), inflateBuffer)
	s.from = inflate.NewReaderOpts(all, inflate.WithPartialBlock()) // some servers flush a block without an empty one behind it
}

// failing is a reader at its end.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// deflater compresses each piece that is written to it for itself and sends it at once: no command is held back, and no connection keeps
// the megabyte that a compressor takes. That each piece of 64 KB begins without what came before costs a few per cent of what is saved.
type deflater struct {
	w   io.Writer
	out bytes.Buffer
}

var compressors = sync.Pool{New: func() any {
	f, _ := deflate.NewWriter(nil, deflate.BestSpeed) // the level is a valid one
	return f
}}

func (d *deflater) Write(b []byte) (written int, err error) {
	for len(b) > 0 && err == nil {
		piece := b[:min(len(b), writePiece)]
		d.pack(piece)
		if _, err = d.w.Write(d.out.Bytes()); err == nil {
			written, b = written+len(piece), b[len(piece):]
		}
	}
	return written, err
}

// pack compresses a piece into memory, which does not fail.
func (d *deflater) pack(piece []byte) {
	f := compressors.Get().(*deflate.Writer)
	d.out.Reset()
	f.Reset(&d.out)
	_, _ = f.Write(piece)
	_ = f.Flush()
	compressors.Put(f)
}
