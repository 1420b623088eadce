package engine

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
)

// DigestKey is a ledger's key for digests: nobody can make a message that passes for another and is left out.
type DigestKey [32]byte

// Digest is the first 16 bytes of an HMAC-SHA-256. The zero Digest means: not known.
type Digest [16]byte

// maxHeader is how much of a header its digest covers, in bytes.
const maxHeader = 256 << 10

// Digester takes the digests of one message that is written to it: of its header and of the whole. CR octets do not
// count, nor do line ends at the end of either part, so that a server that writes line ends its own way gives the same
// digests. Use Reset between messages.
type Digester struct {
	head, body hash.Hash
	headLeft   int  // bytes of header that still count
	inBody     bool // the empty line behind the header has passed
	lineStart  bool
	pending    int // line feeds held back, in case they are the last
	headLF     int
	size       int64
	lines      [4 << 10]byte // room for Write
}

// NewDigester returns a Digester under key.
func NewDigester(key DigestKey) *Digester {
	d := &Digester{head: hmac.New(sha256.New, key[:]), body: hmac.New(sha256.New, key[:])}
	d.Reset()
	return d
}

// Reset makes d ready for the next message.
func (d *Digester) Reset() {
	d.head.Reset()
	d.body.Reset()
	d.headLeft, d.inBody, d.lineStart, d.pending, d.headLF, d.size = maxHeader, false, true, 0, 0, 0
}

// Write adds the next bytes of the message. It never fails.
func (d *Digester) Write(p []byte) (int, error) {
	n := len(p)
	d.size += int64(n)
	for len(p) > 0 {
		lines := d.lines[:0] // without CR, many at a time: a hash takes short writes slowly
		for len(p) > 0 && len(lines) < cap(lines) {
			part := p[:min(len(p), cap(lines)-len(lines))]
			i := bytes.IndexByte(part, '\r')
			if i < 0 {
				lines, p = append(lines, part...), p[len(part):]
				continue
			}
			lines, p = append(lines, part[:i]...), p[i+1:]
		}
		d.add(lines)
	}
	return n, nil
}

// add takes bytes without CR.
func (d *Digester) add(p []byte) {
	if !d.inBody {
		d.addHead(p)
	}
	writeHolding(d.body, p, &d.pending)
}

// addHead takes the part of p that belongs to the header.
func (d *Digester) addHead(p []byte) {
	end := len(p)
	for rest := 0; rest < len(p); {
		if d.lineStart && p[rest] == '\n' {
			d.inBody, end = true, rest
			break
		}
		i := bytes.IndexByte(p[rest:], '\n')
		if i < 0 {
			d.lineStart = false
			break
		}
		d.lineStart, rest = true, rest+i+1
	}
	end = min(end, d.headLeft)
	d.headLeft -= end
	writeHolding(d.head, p[:end], &d.headLF)
}

// writeHolding writes p to h, but for the line feeds at its end, which wait in held until something follows them.
func writeHolding(h hash.Hash, p []byte, held *int) {
	trimmed := bytes.TrimRight(p, "\n")
	if len(trimmed) > 0 {
		for ; *held > 0; *held-- {
			h.Write([]byte{'\n'})
		}
		h.Write(trimmed)
	}
	*held += len(p) - len(trimmed)
}

// Size returns how many bytes were written.
func (d *Digester) Size() int64 { return d.size }

// Sums returns the digests of the header and of the whole message.
func (d *Digester) Sums() (head, body Digest) {
	copy(head[:], d.head.Sum(nil))
	copy(body[:], d.body.Sum(nil))
	return head, body
}

// HeadDigest returns the header digest of a header that stands alone.
func HeadDigest(key DigestKey, header []byte) Digest {
	d := NewDigester(key)
	_, _ = d.Write(header)
	head, _ := d.Sums()
	return head
}
