package imaptest

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

func (o *oddList) mime() {
	mixed := `multipart/mixed; boundary="b"`
	part := "--b\r\nContent-Type: text/plain\r\n\r\npart\r\n"
	o.typed("mime-no-boundary", "multipart/mixed", "--b\r\n\r\npart\r\n--b--\r\n")
	o.typed("mime-boundary-empty", `multipart/mixed; boundary=""`, "--\r\n\r\npart\r\n----\r\n")
	o.typed("mime-boundary-nowhere", mixed, "no part begins here\r\n")
	o.typed("mime-boundary-odd", `multipart/mixed; boundary="=_(')+_,-./:=? x"`, "--=_(')+_,-./:=? x\r\n\r\npart\r\n--=_(')+_,-./:=? x--\r\n")
	o.typed("mime-boundary-long", `multipart/mixed; boundary="`+strings.Repeat("b", 500)+`"`, "--"+strings.Repeat("b", 500)+"\r\n\r\npart\r\n")
	o.typed("mime-boundary-8bit", `multipart/mixed; boundary="gr`+"\xfc\xdf"+`e"`, "--gr\xfc\xdfe\r\n\r\npart\r\n--gr\xfc\xdfe--\r\n")
	o.typed("mime-not-closed", mixed, part+part)
	o.typed("mime-closed-twice", mixed, part+"--b--\r\n"+part+"--b--\r\n")
	o.typed("mime-no-parts", mixed, "--b--\r\n")
	o.typed("mime-empty", mixed, "")
	o.typed("mime-parts-1000", mixed, strings.Repeat(part, 1000)+"--b--\r\n")
	o.typed("mime-preamble", mixed, strings.Repeat("preamble\r\n", 500)+part+"--b--\r\n"+strings.Repeat("epilogue\r\n", 500))
	o.typed("mime-blanks-behind-boundary", mixed, "--b   \t\r\n\r\npart\r\n--b--   \r\n")
	o.typed("mime-boundary-prefix", mixed, "--bb\r\n\r\nnot ours\r\n"+part+"--b--\r\n")
	o.typed("mime-same-boundary", mixed, "--b\r\nContent-Type: "+mixed+"\r\n\r\n"+part+"--b--\r\n--b--\r\n")
	for _, depth := range []int{20, 200} {
		var open, shut strings.Builder
		for i := range depth {
			fmt.Fprintf(&open, "--b%d\r\nContent-Type: multipart/mixed; boundary=\"b%d\"\r\n\r\n", i, i+1)
			fmt.Fprintf(&shut, "--b%d--\r\n", depth-i)
		}
		o.typed(fmt.Sprintf("mime-nested-%d", depth), `multipart/mixed; boundary="b0"`, open.String()+shut.String())
	}
	o.typed("mime-message", "message/rfc822", head("inner")+"\r\nthe message inside\r\n")
	o.typed("mime-message-empty", "message/rfc822", "")
	o.typed("mime-message-50", "message/rfc822", strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 50)+"Subject: innermost\r\n\r\nx\r\n")
	o.typed("mime-message-base64", "message/rfc822\r\nContent-Transfer-Encoding: base64", "U3ViamVjdDogeA0KDQp4DQo=\r\n")
	o.typed("mime-partial", `message/partial; id="x@y"; number=2; total=3`, "the middle\r\n")
	o.typed("mime-external", `message/external-body; access-type=URL; URL="http://example.org/x"`, "Content-Type: image/png\r\n\r\n")
	o.typed("mime-digest", `multipart/digest; boundary="b"`, "--b\r\n\r\nSubject: 1\r\n\r\none\r\n--b\r\n\r\nSubject: 2\r\n\r\ntwo\r\n--b--\r\n")
	o.typed("mime-signed", `multipart/signed; boundary="b"; micalg=pgp-sha256; protocol="application/pgp-signature"`,
		"--b\r\nContent-Type: text/plain\r\n\r\ntrailing blanks count   \r\n-- \r\nme\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nAAAA\r\n-----END PGP SIGNATURE-----\r\n--b--\r\n")
	o.typed("mime-type-garbage", ";;;=/;x", "what is it?\r\n")
	o.typed("mime-type-empty", "", "no type\r\n")
	o.typed("mime-type-twice", "text/plain\r\nContent-Type: text/html", "<b>which?</b>\r\n")
	o.typed("mime-type-8bit", "text/plain; name=\"\xe4\xf6\xfc.txt\"", "8-bit parameter\r\n")
	o.typed("mime-type-long", "text/plain"+strings.Repeat("; x=y", 3000), "many parameters\r\n")
	o.typed("mime-version-2", "text/plain\r\nMIME-Version: 2.0", "from the future\r\n")
	o.typed("mime-filename-path", "application/octet-stream\r\nContent-Disposition: attachment; filename=\"../../../etc/passwd\"", "root:x:0:0\r\n")
	o.typed("mime-filename-2231", "application/pdf\r\nContent-Disposition: attachment; filename*0*=utf-8''%e2%82; filename*1*=%ac%20rates; filename*9=x", "x\r\n")
	o.typed("mime-filename-bidi", "application/octet-stream; name=\"inv\u202efdp.exe\"", "MZ\r\n")
}

func (o *oddList) encodings() {
	r := rand.New(rand.NewPCG(3, 14))
	base := func(n int) string { return base64.StdEncoding.EncodeToString(noise(r, n)) }
	b64 := "application/octet-stream\r\nContent-Transfer-Encoding: base64"
	qp := "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
	o.typed("base64-bad", b64, "!!! not = base64 ===\r\n=\r\nAAA\r\n")
	o.typed("base64-no-padding", b64, "QUJDRA\r\n")
	o.typed("base64-one-line", b64, base(60_000)+"\r\n")
	o.typed("base64-short-lines", b64, lines(base(3000), 1, "\r\n"))
	o.typed("attachment-5mb", b64+"\r\nContent-Disposition: attachment; filename=\"video.mp4\"", lines(base(3_840_000), 76, "\r\n"))
	o.typed("quoted-printable-bad", qp, "=ZZ = =\r\n=0 =E4=F\r\n=")
	o.typed("quoted-printable-soft-end", qp, "soft break at the end=\r\n=\r\n")
	o.typed("quoted-printable-long", qp, strings.Repeat("=C3=A9", 3000)+"\r\n")
	o.typed("encoding-unknown", "text/plain\r\nContent-Transfer-Encoding: x-rot13", "Uryyb\r\n")
	o.typed("encoding-binary", "application/octet-stream\r\nContent-Transfer-Encoding: binary", "\x01\x02\xff\xfe no NUL, no line ends\x7f")
	o.typed("encoding-7bit-lie", "text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit", "but 8-bit: \xe4\xf6\xfc\r\n")
	o.body("uuencode", "begin 644 test.txt\r\n#0V%T\r\n`\r\nend\r\n")
	o.body("yenc", "=ybegin line=128 size=5 name=x\r\n\x9e\x8f\x9d\x9e=}\r\n=yend size=5\r\n")
	o.body("binhex", "(This file must be converted with BinHex 4.0)\r\n:$f*TEQKPH#jdCA0d!*!$FJ!\"&3:\r\n")
	o.body("pgp-inline", "-----BEGIN PGP MESSAGE-----\r\n\r\n"+lines(base(900), 64, "\r\n")+"=ABCD\r\n-----END PGP MESSAGE-----\r\n")
}

func (o *oddList) charsets() {
	for _, c := range []struct{ name, text string }{
		{"utf-8", "Grüße, 日本語, עברית, 😀 👩‍👩‍👧 e\u0301\r\n"},
		{"iso-2022-jp", "\x1b$B$3$s$K$A$O\x1b(B\r\n"},
		{"gb18030", "\xc4\xe3\xba\xc3\x81\x30\x81\x30\r\n"},
		{"shift_jis", "\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd\x83\x5c\r\n"},
		{"big5", "\xa7\x41\xa6\x6e\xb3\x5c\r\n"},
		{"euc-kr", "\xbe\xc8\xb3\xe7\r\n"},
		{"koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4\r\n"},
		{"windows-1256", "\xe3\xd1\xcd\xc8\xc7\r\n"},
		{"utf-7", "+AGEA5AD2-\r\n"},
		{"x-unknown", "\x81\x8d\x8f\x90\x9d\r\n"},
	} {
		o.typed("charset-"+c.name, "text/plain; charset="+c.name+"\r\nContent-Transfer-Encoding: 8bit", c.text)
	}
	o.typed("charset-overlong", "text/plain; charset=utf-8", "\xc0\xaf \xe0\x80\xaf \xed\xa0\x80 \xf8\x88\x80\x80\x80\r\n")
	o.add("bom-first", "\xef\xbb\xbf"+head("bom-first")+"\r\na byte order mark stands before the header\r\n")
	o.typed("charset-utf-16", "text/plain; charset=utf-16", "\xfe\xff\x00A\x00B\r\n").Altered = true
}

// programs adds what particular programs write.
func (o *oddList) programs() {
	o.typed("bounce", `multipart/report; report-type=delivery-status; boundary="b"`,
		"--b\r\n\r\nIt could not be delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAction: failed\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n--b--\r\n")
	o.typed("receipt", `multipart/report; report-type=disposition-notification; boundary="b"`,
		"--b\r\n\r\nread\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\nDisposition: manual-action; displayed\r\n--b--\r\n")
	o.typed("invitation", "text/calendar; method=REQUEST; charset=utf-8", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Meet\r\n ing\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
	o.typed("outlook-winmail", "application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64", "eJ8+IgEAAQABAAEABBAAAAEAAAA=\r\n")
	o.typed("smime", "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64", "MIAGCSqGSIb3DQEHA6CAMIA=\r\n")
	o.header("dkim", "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x;\r\n\th=from:to; bh=AAAA=;\r\n\tb="+strings.Repeat("QUJD", 86)+"\r\nARC-Seal: i=1; a=rsa-sha256; cv=none\r\n")
	o.header("exchange", "X-MS-Exchange-Organization-SCL: -1\r\nThread-Index: AdXu\r\nX-MS-Has-Attach:\r\nX-MS-TNEF-Correlator:\r\n")
	o.header("gmail", "X-GM-THRID: 1234567890\r\nX-Gmail-Labels: =?UTF-8?Q?Wichtig,Posteingang?=\r\nX-GM-MSGID: 99\r\n")
	o.header("notes", "$MessageType: x\r\n$Mailer: Lotus Notes\r\nX-MIMETrack: Itemize by SMTP Server on x/y(Release 5.0|March 30)\r\n")
	o.header("list", "List-Id: <dev.example.org>\r\nList-Unsubscribe: <mailto:x@y>,\r\n <http://x>\r\nPrecedence: bulk\r\n")
	o.header("draft", "X-Mozilla-Draft-Info: internal/draft; vcard=0\r\nX-Mozilla-Keys: \r\nBcc: secret@example.org\r\nFCC: imap://x\r\n")
	o.typed("html", "text/html; charset=utf-8", "<html><script>alert(1)</script><img src=\"cid:x\"><a href=\"file:///etc/passwd\">x</a></html>\r\n")
	o.typed("enriched", "text/enriched", "<bold>old</bold> <<\r\n")
	o.typed("fax", "image/tiff; name=fax.tif\r\nContent-Transfer-Encoding: base64", "SUkqAAgAAAA=\r\n")
}
