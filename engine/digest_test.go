package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"testing"
)

func sums(parts ...string) [2]Digest {
	d := NewDigester(DigestKey{1})
	for _, p := range parts {
		_, _ = d.Write([]byte(p))
	}
	h, b := d.Sums()
	return [2]Digest{h, b}
}

func TestDigestIgnoresLineEnds(t *testing.T) {
	crlf := "Subject: a\r\nTo: b\r\n\r\nbody\r\nmore\r\n"
	for name, same := range map[string]string{
		"bare LF":       strings.ReplaceAll(crlf, "\r\n", "\n"),
		"no final CRLF": strings.TrimSuffix(crlf, "\r\n"),
		"one more":      crlf + "\r\n",
	} {
		want(t, name, sums(same), sums(crlf))
	}
	for name, other := range map[string]string{
		"header": strings.Replace(crlf, "Subject: a", "Subject: b", 1),
		"body":   strings.Replace(crlf, "more", "mere", 1),
		"blank":  strings.Replace(crlf, "body\r\n", "body\r\n\r\n", 1),
	} {
		if sums(other)[1] == sums(crlf)[1] {
			t.Errorf("%s: digest does not tell", name)
		}
	}
	if sums("a: 1\r\n\r\nx")[0] != sums("a: 1\r\n\r\ny")[0] {
		t.Error("the body counts in the header's digest")
	}
	if sums(crlf)[0] == sums("Subject: a\r\n\r\n")[0] {
		t.Error("half a header has the whole one's digest")
	}
}

func TestDigestOfPiecesIsDigestOfWhole(t *testing.T) {
	whole := "A: 1\r\nB: 2\r\n\r\n\r\nbody\r\r\n\n\nend\r\n"
	for cut := range len(whole) {
		for cut2 := cut; cut2 < len(whole); cut2++ {
			want(t, "pieces", sums(whole[:cut], whole[cut:cut2], whole[cut2:]), sums(whole))
		}
	}
}

// Digests lie in ledgers: those of a large message are what they have always been.
func TestDigestOfLargeMessage(t *testing.T) {
	key := DigestKey{1}
	sum := func(s string) (d Digest) {
		h := hmac.New(sha256.New, key[:])
		h.Write([]byte(strings.Trim(strings.ReplaceAll(s, "\r", ""), "\n")))
		copy(d[:], h.Sum(nil))
		return d
	}
	header := "A: 1\r\nB: 2\r\n"
	for _, line := range []string{"x\r\n", "x\n", "\r\n", "\r\r\n", strings.Repeat("x", 76) + "\r\n", strings.Repeat("x", 5000) + "\r\r\n"} {
		for more := range 5 {
			m := header + "\r\n" + strings.Repeat("y", more) + strings.Repeat(line, 20_000/len(line)) + "end\r\n"
			want(t, "large", sums(m), [2]Digest{sum(header), sum(m)})
			want(t, "pieces", sums(m[:4000], m[4000:4097], m[4097:]), sums(m))
		}
	}
}

func TestHeadDigestOfHeaderAlone(t *testing.T) {
	for _, m := range []string{"A: 1\r\n\r\nbody", "A: 1\r\n", "A: 1\r\n\r\n", "\r\nbody", "", "A: " + strings.Repeat("x", maxHeader+10) + "\r\n\r\nbody"} {
		header, _, _ := strings.Cut(m, "\r\n\r\n")
		if strings.HasPrefix(m, "\r\n") {
			header = ""
		}
		want(t, "head", HeadDigest(DigestKey{1}, []byte(header+"\r\n\r\n")), sums(m)[0])
	}
}

func BenchmarkDigest(b *testing.B) {
	m := []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 72)+"\r\n", 110))
	d := NewDigester(DigestKey{1})
	b.SetBytes(int64(len(m)))
	b.ReportAllocs()
	for b.Loop() {
		d.Reset()
		_, _ = d.Write(m)
		d.Sums()
	}
}
