package wording

import (
	"fmt"
	"strings"
	"time"

	"mwiz/engine"
)

// CertificateProblem says in one sentence what is wrong with the certificate that the service at host has shown.
func CertificateProblem(c engine.Certificate, host string) string {
	date := c.Until
	if c.Wrong == engine.TooEarly {
		date = c.From
	}
	id := "certificate.wrong." + c.Wrong.String()
	if c.Own && c.Wrong == engine.UnknownIssuer {
		id = "certificate.wrong.own"
	}
	return T(id, "Host", Display(host, 80), "Names", CertificateNames(c), "Date", date.Local().Format(time.DateOnly))
}

// CertificateStep says what to do about it.
func CertificateStep(c engine.Certificate) string {
	if c.Wrong == engine.OtherKey {
		return T("certificate.step.key")
	}
	return T("certificate.step")
}

// CertificateNames lists whom a certificate is for.
func CertificateNames(c engine.Certificate) string {
	if len(c.Names) == 0 {
		return T("certificate.noname")
	}
	return Display(strings.Join(c.Names, ", "), 200)
}

// CertificateIssuer says who has issued a certificate.
func CertificateIssuer(c engine.Certificate) string {
	if c.Own {
		return T("certificate.own", "Name", Display(c.Issuer, 100))
	}
	return Display(c.Issuer, 100)
}

// CertificateTime says from when to when a certificate is valid.
func CertificateTime(c engine.Certificate) string {
	return T("certificate.time", "From", c.From.Local().Format(time.DateOnly), "Until", c.Until.Local().Format(time.DateOnly))
}

// Fingerprint returns a fingerprint as other programs show it, with a space in the middle where a line may end.
func Fingerprint(f engine.Fingerprint) string {
	var b strings.Builder
	for i, x := range f {
		switch i {
		case 0:
		case len(f) / 2:
			b.WriteString(": ")
		default:
			b.WriteString(":")
		}
		fmt.Fprintf(&b, "%02X", x)
	}
	return b.String()
}
